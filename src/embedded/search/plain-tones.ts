import { TONES_BYTES } from '../picture/descriptor.js';
import { RowTable } from '../row-table.js';
import {
  areColoursAlike,
  dihedralTones,
  MOST_TONE_DIFFERENCE,
  rankOfTones,
  sumOfTones,
  toneDifference,
} from './visual-rule.js';

const LEAST_ROOM = 64;

/** The tones of the plain pictures of an index, by key. */
export class PlainTones {
  /** By place. */
  readonly #keys: number[] = [];
  /** By place, of all tones: the same however a picture is turned. */
  readonly #sums: number[] = [];
  /** TONES_BYTES at each place. */
  #tones = new Uint8Array(LEAST_ROOM * TONES_BYTES);
  readonly #places = new RowTable((place) => this.#keys[place]!);

  /** In bytes. */
  get bytes(): number {
    return this.#tones.byteLength + this.#places.bytes;
  }

  /** Of a picture that is not there. */
  add(key: number, tones: Uint8Array): void {
    const place = this.#keys.push(key) - 1;
    this.#places.set(key, place);
    this.#sums.push(sumOfTones(tones));
    if (this.#keys.length * TONES_BYTES > this.#tones.length) this.#grow();
    this.#tones.set(tones, place * TONES_BYTES);
  }

  /** Nothing happens when there is no such key. */
  delete(key: number): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    this.#places.delete(key);
    const last = this.#keys.length - 1;
    const lastKey = this.#keys[last]!;
    if (place < last) {
      // It takes the place.
      this.#places.delete(lastKey);
      this.#keys[place] = lastKey;
      this.#sums[place] = this.#sums[last]!;
      this.#places.set(lastKey, place);
      this.#tones.copyWithin(place * TONES_BYTES, last * TONES_BYTES, (last + 1) * TONES_BYTES);
    }
    this.#keys.pop();
    this.#sums.pop();
  }

  /** Calls `found` for each picture whose tones are alike however it is turned, with its best rank. */
  search(tones: Uint8Array, found: (key: number, rank: number) => void): void {
    const ways = dihedralTones(tones);
    const own = sumOfTones(tones);
    for (let place = 0; place < this.#keys.length; place++) {
      if (Math.abs(own - this.#sums[place]!) > MOST_TONE_DIFFERENCE) continue;
      const other = this.#tones.subarray(place * TONES_BYTES, (place + 1) * TONES_BYTES);
      if (!areColoursAlike(tones, other)) continue;
      let least = Number.POSITIVE_INFINITY;
      for (const way of ways) least = Math.min(least, toneDifference(way, other, least));
      if (least < Number.POSITIVE_INFINITY) found(this.#keys[place]!, rankOfTones(least));
    }
  }

  #grow(): void {
    const grown = new Uint8Array(2 * this.#tones.length);
    grown.set(this.#tones);
    this.#tones = grown;
  }
}
