import { CallSignal } from './call-signal.js';
import { carryRequest, requestOf } from './gateway-request.js';
import { unlessAborted } from './unless-aborted.js';

interface SharedRead {
  answer: Promise<unknown>;
  signal: CallSignal;
  readers: number;
  ended: boolean;
}

const LET_GO = Promise.resolve();

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
  async read<T>(key: string, start: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const answers = signal && this.#answersOf(signal as ReadingSignal);
    const answer = answers?.get(key) ?? this.#share(key, start, signal);
    answers?.set(key, answer);
    // The key stands for the type: whoever began this read asked for a T as well.
    return (await answer) as T;
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

  async #share(
    key: string,
    start: (signal: AbortSignal) => Promise<unknown>,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const read = this.#underWay.get(key) ?? this.#start(key, start, signal);
    read.readers++;
    try {
      return await (signal ? unlessAborted(read.answer, signal) : read.answer);
    } finally {
      read.readers--;
      if (read.readers === 0) this.#end(key, read);
    }
  }

  /** It is the read of the request that begins it, whoever joins. */
  #start(
    key: string,
    start: (signal: AbortSignal) => Promise<unknown>,
    signal: AbortSignal | undefined,
  ): SharedRead {
    const own = carryRequest(new CallSignal(), requestOf(signal));
    const answer = start(own).finally(() => {
      read.ended = true;
    });
    const read: SharedRead = { answer, signal: own, readers: 0, ended: false };
    this.#underWay.set(key, read);
    return read;
  }

  #end(key: string, read: SharedRead): void {
    if (this.#underWay.get(key) === read) this.#underWay.delete(key);
    // An abort makes an error with a stack, for which every answered read would pay.
    if (!read.ended) read.signal.abort();
    // A Map leaves its outgrown tables, and all in them, to a full garbage collection: it must not find answers there.
    read.answer = LET_GO;
  }
}
