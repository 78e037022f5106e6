import { unlessAborted } from './unless-aborted.js';

interface SharedRead {
  answer: Promise<unknown>;
  controller: AbortController;
  readers: number;
}

/** Lets those who read the same at the same time share one read. It ends early only when the last of them has gone. */
export class SharedReads {
  readonly #reads = new Map<string, SharedRead>();

  /**
   * @param key names what is read, and thereby the type of the answer
   * @param start begins the read, unless one with this key is under way
   * @throws the reason of the signal, when that is aborted first
   */
  async read<T>(key: string, start: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const read = this.#reads.get(key) ?? this.#start(key, start);
    read.readers++;
    try {
      // The key stands for the type: whoever began this read asked for a T as well.
      return (await (signal ? unlessAborted(read.answer, signal) : read.answer)) as T;
    } finally {
      read.readers--;
      if (read.readers === 0) this.#end(key, read);
    }
  }

  /** Whoever reads from now on reads anew; for use after a change. */
  forget(): void {
    this.#reads.clear();
  }

  #start(key: string, start: (signal: AbortSignal) => Promise<unknown>): SharedRead {
    const controller = new AbortController();
    const read = { answer: start(controller.signal), controller, readers: 0 };
    this.#reads.set(key, read);
    return read;
  }

  #end(key: string, read: SharedRead): void {
    if (this.#reads.get(key) === read) this.#reads.delete(key);
    read.controller.abort();
  }
}
