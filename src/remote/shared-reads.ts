import { LightSignal } from '../request/light-signal.js';
import type { CallScope, CallSignal, KeptRead } from '../services/call-signal.js';

type Start = (signal: CallSignal) => Promise<unknown>;

/**
 * Lets those who read the same at the same time share one read, which ends early only when the last of them has gone.
 * Whoever reads with one signal for one request to the gateway reads nothing twice.
 */
export class SharedReads {
  readonly #underWay = new Map<string, SharedRead>();
  /** The key of the reads that requests keep; another one once they are void. */
  #kept = {};

  /**
   * @param key names what is read, and thereby the type of the answer
   * @param start begins the read, unless one with this key is under way
   * @throws the reason of the signal, when that is aborted first
   */
  read<T>(key: string, start: (signal: CallSignal) => Promise<T>, signal?: CallSignal): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    // The key stands for the type: whoever began this read asked for a T as well.
    return this.#share(key, start, signal) as Promise<T>;
  }

  #share(key: string, start: Start, signal: CallSignal | undefined): Promise<unknown> {
    const kept = signal?.scope && this.#keptBy(signal.scope);
    const known = kept?.get(key);
    if (known && known.signal === signal) return known.result;
    const result = (this.#underWay.get(key) ?? this.#begin(key, start, signal)).join(signal);
    if (signal) kept?.set(key, { signal, result });
    return result;
  }

  /** Whoever reads from now on reads anew; for use after a change. */
  forget(): void {
    this.#underWay.clear();
    this.#kept = {};
  }

  #keptBy({ keptReads }: CallScope): Map<string, KeptRead> {
    const known = keptReads.get(this.#kept) ?? new Map<string, KeptRead>();
    keptReads.set(this.#kept, known);
    return known;
  }

  /** It is the read of the request that begins it, whoever joins. */
  #begin(key: string, start: Start, signal: CallSignal | undefined): SharedRead {
    const own = new LightSignal(signal?.scope);
    const read: SharedRead = new SharedRead(start, own, () => {
      if (this.#underWay.get(key) === read) this.#underWay.delete(key);
    });
    this.#underWay.set(key, read);
    return read;
  }
}

/** One who waits for the answer. */
interface Reader {
  resolve(answer: unknown): void;
  reject(reason: unknown): void;
  /** Waits no longer. */
  leave(): void;
  signal: CallSignal | undefined;
}

/**
 * Tells each reader by itself, and keeps no answer: a Map leaves its outgrown tables, and all in them, to a full garbage
 * collection.
 */
class SharedRead {
  #readers: Reader[] = [];
  readonly #signal: LightSignal;
  readonly #onEnd: () => void;

  constructor(start: Start, signal: LightSignal, onEnd: () => void) {
    this.#signal = signal;
    this.#onEnd = onEnd;
    start(signal).then(
      (answer) => this.#tell((reader) => reader.resolve(answer)),
      (error: unknown) => this.#tell((reader) => reader.reject(error)),
    );
  }

  join(signal: CallSignal | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#readers.splice(this.#readers.indexOf(reader), 1);
        reject(signal?.reason);
        if (this.#readers.length > 0) return;
        this.#onEnd();
        this.#signal.abort();
      };
      const reader: Reader = { resolve, reject, leave, signal };
      this.#readers.push(reader);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  #tell(tell: (reader: Reader) => void): void {
    const readers = this.#readers;
    this.#readers = [];
    if (readers.length > 0) this.#onEnd();
    for (const reader of readers) {
      reader.signal?.removeEventListener('abort', reader.leave);
      tell(reader);
    }
  }
}
