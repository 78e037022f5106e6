/** How far the hashes of all entries have been read for the first time, or once more after a reset. */
export interface FillProgress {
  /** In hashes. */
  read: number;
  done: boolean;
}

/** How many hashes a notice is worth: some seconds of reading. */
const NOTICE_HASHES = 1_000_000;

/** Tells of a long filling in notices, and how far it is. */
export class FillReport {
  readonly #onNotice: (notice: string) => void;
  #read: number | null = null;

  constructor(onNotice: (notice: string) => void) {
    this.#onNotice = onNotice;
  }

  /** How many hashes have been read; null when no filling is under way. */
  get read(): number | null {
    return this.#read;
  }

  note({ read, done }: FillProgress): void {
    const before = this.#read ?? 0;
    this.#read = done ? null : read;
    if (done && read >= NOTICE_HASHES) this.#onNotice(`Read all ${read} perceptual hashes into memory.`);
    else if (Math.floor(read / NOTICE_HASHES) > Math.floor(before / NOTICE_HASHES))
      this.#onNotice(`Read ${read} perceptual hashes into memory so far.`);
  }
}
