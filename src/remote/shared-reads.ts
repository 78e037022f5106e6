import { CallSignal } from '../request/call-signal.js';
import { carryRequest, requestOf } from '../request/gateway-request.js';

type Start = (signal: AbortSignal) => Promise<unknown>;

/** A signal with what was read with it. A WeakMap would keep that until a full garbage collection. */
type ReadingSignal = AbortSignal & { [answers: symbol]: Map<string, Promise<unknown>> | undefined };

/**
 * Lets those who read the same at the same time share one read, which ends early only when the last of them has gone.
 * Whoever reads with one signal, which is one request to the gateway, reads nothing twice.
 */
export class SharedReads {
  readonly #underWay = new Map<string, SharedRead>();
  /** Names the answers at each signal. */
  #answers = Symbol('answers');

  /**
   * @param key names what is read, and thereby the type of the answer
   * @param start begins the read, unless one with this key is under way
   * @throws the reason of the signal, when that is aborted first
   */
  read<T>(key: string, start: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const answers = signal && this.#answersOf(signal as ReadingSignal);
    const known = answers?.get(key);
    const answer = known ?? (this.#underWay.get(key) ?? this.#begin(key, start, signal)).join(signal);
    if (!known) answers?.set(key, answer);
    // The key stands for the type: whoever began this read asked for a T as well.
    return answer as Promise<T>;
  }

  /** Whoever reads from now on reads anew; for use after a change. */
  forget(): void {
    this.#underWay.clear();
    this.#answers = Symbol('answers');
  }

  #answersOf(signal: ReadingSignal): Map<string, Promise<unknown>> {
    const known = signal[this.#answers] ?? new Map<string, Promise<unknown>>();
    signal[this.#answers] = known;
    return known;
  }

  /** It is the read of the request that begins it, whoever joins. */
  #begin(key: string, start: Start, signal: AbortSignal | undefined): SharedRead {
    const own = carryRequest(new CallSignal(), requestOf(signal));
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
  signal: AbortSignal | undefined;
}

/**
 * Tells each reader by itself, and keeps no answer: a Map leaves its outgrown tables, and all in them, to a full garbage
 * collection.
 */
class SharedRead {
  #readers: Reader[] = [];
  readonly #signal: CallSignal;
  readonly #onEnd: () => void;

  constructor(start: Start, signal: CallSignal, onEnd: () => void) {
    this.#signal = signal;
    this.#onEnd = onEnd;
    start(signal).then(
      (answer) => this.#tell((reader) => reader.resolve(answer)),
      (error: unknown) => this.#tell((reader) => reader.reject(error)),
    );
  }

  join(signal: AbortSignal | undefined): Promise<unknown> {
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
