import type { CallScope, CallSignal, KeptRead } from '../services/call-signal.js';
import { LightSignal } from './light-signal.js';

type Start = (signal: CallSignal) => Promise<unknown>;

/**
 * Shares one read among callers that read the same at the same time; it ends early only when the last of them has given up.
 * A request to the gateway that reads with one signal reads nothing twice.
 */
export class SharedReads {
  readonly #underWay = new Map<string, SharedRead>();
  /** The key under which requests keep their reads; a new one makes them void. */
  #kept = {};

  /**
   * @param key names the read, and thereby the type of its result
   * @param start begins the read, unless one with this key is under way
   * @throws the reason of the signal, when that is aborted first
   */
  read<T>(key: string, start: (signal: CallSignal) => Promise<T>, signal?: CallSignal): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    // The key stands for the type: the read with this key gives a T.
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

  /** Makes reads from now on start anew; for use after a change. */
  forget(): void {
    this.#underWay.clear();
    this.#kept = {};
  }

  #keptBy({ keptReads }: CallScope): Map<string, KeptRead> {
    const known = keptReads.get(this.#kept) ?? new Map<string, KeptRead>();
    keptReads.set(this.#kept, known);
    return known;
  }

  /** Begins a read, which counts as one of the request that begins it, whoever joins. */
  #begin(key: string, start: Start, signal: CallSignal | undefined): SharedRead {
    const own = new LightSignal(signal?.scope);
    const read: SharedRead = new SharedRead(start, own, () => {
      if (this.#underWay.get(key) === read) this.#underWay.delete(key);
    });
    this.#underWay.set(key, read);
    return read;
  }
}

/** A caller that waits for the result. */
interface Reader {
  resolve(result: unknown): void;
  reject(reason: unknown): void;
  /** Called when its signal is aborted: it waits no longer. */
  leave(): void;
  signal: CallSignal | undefined;
}

/**
 * A read under way, with those who wait for it. It keeps no promise of its result, and at its end lets go of its signal, and
 * thereby of the request that began it: it lives on itself in the outgrown tables of the map above, as InFlight tells.
 */
class SharedRead {
  #readers: Reader[] = [];
  /** Null at its end. */
  #signal: LightSignal | null;
  readonly #onEnd: () => void;

  constructor(start: Start, signal: LightSignal, onEnd: () => void) {
    this.#signal = signal;
    this.#onEnd = onEnd;
    start(signal).then(
      (result) => this.#settle((reader) => reader.resolve(result)),
      (error: unknown) => this.#settle((reader) => reader.reject(error)),
    );
  }

  join(signal: CallSignal | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#readers.splice(this.#readers.indexOf(reader), 1);
        reject(signal?.reason);
        if (this.#readers.length > 0) return;
        this.#onEnd();
        this.#signal?.abort();
      };
      const reader: Reader = { resolve, reject, leave, signal };
      this.#readers.push(reader);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  #settle(settle: (reader: Reader) => void): void {
    const readers = this.#readers;
    this.#readers = [];
    this.#signal = null;
    if (readers.length > 0) this.#onEnd();
    for (const reader of readers) {
      reader.signal?.removeEventListener('abort', reader.leave);
      settle(reader);
    }
  }
}
