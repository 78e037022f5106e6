const LEAST_ROOM = 1024;

/** What a hit is, in words: the place of the probe among all, the distance, the number of the keypoint, and its place. */
export const HIT_WORDS = 4;
const [PROBE, DISTANCE, NUMBER, PLACE] = [0, 1, 2, 3];

/** Keypoints whose codes are alike to those of some probes, in any order until they are grouped. */
export class CodeHits {
  #count = 0;
  #words: Uint32Array = new Uint32Array(HIT_WORDS * LEAST_ROOM);

  clear(): void {
    this.#count = 0;
  }

  /** @param words HIT_WORDS of each hit */
  add(words: Uint32Array): void {
    const end = HIT_WORDS * this.#count + words.length;
    if (end > this.#words.length) this.#grow(end);
    this.#words.set(words, HIT_WORDS * this.#count);
    this.#count += words.length / HIT_WORDS;
  }

  /** Adds one of other hits, as one of another probe. */
  addFrom(other: CodeHits, hit: number, probe: number): void {
    const at = HIT_WORDS * this.#count++;
    if (at === this.#words.length) this.#grow(at);
    this.#words[at + PROBE] = probe;
    this.#words[at + DISTANCE] = other.distanceOf(hit);
    this.#words[at + NUMBER] = other.numberOf(hit);
    this.#words[at + PLACE] = other.placeOf(hit);
  }

  /** Forgets all others than those of these keypoints. */
  keep(isKept: (number: number) => boolean): void {
    let kept = 0;
    for (let hit = 0; hit < this.#count; hit++) {
      if (!isKept(this.numberOf(hit))) continue;
      this.#words.copyWithin(HIT_WORDS * kept++, HIT_WORDS * hit, HIT_WORDS * (hit + 1));
    }
    this.#count = kept;
  }

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  probeOf(hit: number): number {
    return this.#words[HIT_WORDS * hit + PROBE]!;
  }

  distanceOf(hit: number): number {
    return this.#words[HIT_WORDS * hit + DISTANCE]!;
  }

  /** Of the keypoint. */
  numberOf(hit: number): number {
    return this.#words[HIT_WORDS * hit + NUMBER]!;
  }

  placeOf(hit: number): number {
    return this.#words[HIT_WORDS * hit + PLACE]!;
  }

  /** The hits of each of so many probes. */
  byProbe(probes: number): Uint32Array[] {
    const ends = new Uint32Array(probes + 1);
    for (let hit = 0; hit < this.#count; hit++) ends[this.probeOf(hit) + 1]!++;
    for (let probe = 0; probe < probes; probe++) ends[probe + 1]! += ends[probe]!;
    const starts = ends.slice();
    const hits = new Uint32Array(this.#count);
    for (let hit = 0; hit < this.#count; hit++) hits[ends[this.probeOf(hit)]!++] = hit;
    return Array.from({ length: probes }, (_, probe) => hits.subarray(starts[probe], starts[probe + 1]));
  }

  #grow(words: number): void {
    const grown = new Uint32Array(2 * words);
    grown.set(this.#words);
    this.#words = grown;
  }
}
