const LEAST_ROOM = 1024;

/** Keypoints whose codes are alike to those of some probes, in any order until they are grouped. */
export class CodeHits {
  #count = 0;
  /** The place of the probe among all. */
  #probes = new Uint8Array(LEAST_ROOM);
  #distances = new Uint8Array(LEAST_ROOM);
  #numbers = new Uint32Array(LEAST_ROOM);
  #places = new Uint32Array(LEAST_ROOM);

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
  }

  add(probe: number, distance: number, number: number, place: number): void {
    const at = this.#count++;
    if (at === this.#probes.length) this.#grow();
    this.#probes[at] = probe;
    this.#distances[at] = distance;
    this.#numbers[at] = number;
    this.#places[at] = place;
  }

  /** Forgets all others than those of these keypoints. */
  keep(isKept: (number: number) => boolean): void {
    const count = this.#count;
    this.#count = 0;
    for (let hit = 0; hit < count; hit++) {
      if (!isKept(this.#numbers[hit]!)) continue;
      this.add(this.#probes[hit]!, this.#distances[hit]!, this.#numbers[hit]!, this.#places[hit]!);
    }
  }

  distanceOf(hit: number): number {
    return this.#distances[hit]!;
  }

  /** Of the keypoint. */
  numberOf(hit: number): number {
    return this.#numbers[hit]!;
  }

  placeOf(hit: number): number {
    return this.#places[hit]!;
  }

  /** The hits of each of so many probes. */
  byProbe(probes: number): Uint32Array[] {
    const ends = new Uint32Array(probes + 1);
    for (let hit = 0; hit < this.#count; hit++) ends[this.#probes[hit]! + 1]!++;
    for (let probe = 0; probe < probes; probe++) ends[probe + 1]! += ends[probe]!;
    const starts = ends.slice();
    const hits = new Uint32Array(this.#count);
    for (let hit = 0; hit < this.#count; hit++) hits[ends[this.#probes[hit]!]!++] = hit;
    return Array.from({ length: probes }, (_, probe) => hits.subarray(starts[probe], starts[probe + 1]));
  }

  #grow(): void {
    const grown = <Numbers extends Uint8Array | Uint32Array>(from: Numbers, to: Numbers) => {
      to.set(from);
      return to;
    };
    const room = 2 * this.#probes.length;
    this.#probes = grown(this.#probes, new Uint8Array(room));
    this.#distances = grown(this.#distances, new Uint8Array(room));
    this.#numbers = grown(this.#numbers, new Uint32Array(room));
    this.#places = grown(this.#places, new Uint32Array(room));
  }
}
