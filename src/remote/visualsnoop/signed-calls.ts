import { z } from 'zod';
import { Fault } from '../../calls/fault.js';
import type { ServiceError } from '../../services/errors.js';
import type { StagedImage } from '../../services/staged-image.js';
import { formatAuthorization, type KeyPair } from '../../services/visualsnoop-signature.js';
import type { ServiceClient } from '../http/client.js';
import { isSuccess } from '../http/response.js';
import { SharedReads } from '../shared-reads.js';
import { refused, unavailable } from './failures.js';

const CLIENT_VERSION = '0.2';

/** The body tells the status as well, and it alone is what the original client goes by. */
const judged = z.object({ status: z.int().optional() });

/** What every answer of VisualSnoop has, also one that says no. */
const documented = z.object({ status: z.int(), message: z.string() });

const NOT_FOUND = 404;

export interface SignedCall<T> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the base URL, percent-encoded. */
  path: string;
  /** The body. */
  image?: StagedImage;
  /** Doing it twice is the same as doing it once. */
  repeatable: boolean;
  /** Throws when the value is not what VisualSnoop documents. */
  decode: (value: unknown) => T;
  /** What statuses beside 2xx mean. timesSent is more than 1 when an earlier try may have done the work already. */
  otherwise?: Record<number, (timesSent: number) => T>;
}

/** Calls VisualSnoop with one pair of keys. */
export class SignedCalls {
  readonly #client: ServiceClient;
  readonly #keys: KeyPair;
  readonly #reads = new SharedReads();

  constructor(client: ServiceClient, keys: KeyPair) {
    this.#client = client;
    this.#keys = keys;
  }

  get publicKey(): string {
    return this.#keys.publicKey;
  }

  /** Null when there is no such thing. Those who read the same at the same time share the answer. */
  get<T>(path: string, decode: (value: unknown) => T, signal?: AbortSignal): Promise<T | null> {
    const call: SignedCall<T | null> = {
      method: 'GET',
      path,
      repeatable: true,
      decode,
      otherwise: { [NOT_FOUND]: () => null },
    };
    return this.#reads.read(path, (shared) => this.ask(call, shared), signal);
  }

  /** Whoever reads afterwards reads anew. */
  async change<T>(call: SignedCall<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await this.ask(call, signal);
    } finally {
      this.#reads.forget();
    }
  }

  /** For what changes nothing, and is shared with nobody. */
  async ask<T>(call: SignedCall<T>, signal?: AbortSignal): Promise<T> {
    const { method, path, image, repeatable, decode, otherwise = {} } = call;
    const request = {
      method,
      path,
      repeatable,
      headers: { 'x-visualsnoop-client-version': CLIENT_VERSION },
      sign: (sent: { method: string; path: string }) => this.#sign(sent),
      allow: [NOT_FOUND, ...Object.keys(otherwise).map(Number)],
      ...(image && { body: { contentLength: image.size, open: () => image.stream() } }),
    };
    const conclude = await this.#client.json<() => T>(
      request,
      (value, { status, timesSent }) => {
        const said = isSuccess(status) ? (judged.parse(value).status ?? status) : status;
        if (isSuccess(said)) {
          const answer = decode(value);
          return () => answer;
        }
        // Anything says 404 where there is no VisualSnoop.
        if (documented.safeParse(value).data?.status !== said) throw new Fault('NOT_THE_SERVICE');
        return () => {
          const meaning = otherwise[said];
          if (!meaning) throw unexpected(said, repeatable);
          return meaning(timesSent);
        };
      },
      signal,
    );
    return conclude();
  }

  #sign({ method, path }: { method: string; path: string }): Record<string, string> {
    const date = new Date().toUTCString();
    const signed = { method, path: path.replace(/\?.*/s, ''), date };
    return { date, authorization: formatAuthorization(signed, this.#keys) };
  }
}

/** What a status means that nobody asked about. */
function unexpected(status: number, repeatable: boolean): ServiceError {
  return status >= 500
    ? unavailable('VisualSnoop answered with a server error.', repeatable)
    : refused(`VisualSnoop refused the request with status ${status}.`);
}
