import { z } from 'zod';
import { Fault } from '../../calls/fault.js';
import { SharedReads } from '../../request/shared-reads.js';
import type { CallSignal } from '../../services/call-signal.js';
import type { ServiceError } from '../../services/errors.js';
import type { StagedImage } from '../../services/staged-image.js';
import { formatAuthorization, type KeyPair } from '../../services/visualsnoop-signature.js';
import type { ServiceClient } from '../http/client.js';
import { isSuccess } from '../http/response.js';
import { refused, unavailable } from './failures.js';

const CLIENT_VERSION = '0.2';

/** The status in a body, which alone the original client goes by. */
const withStatus = z.object({ status: z.int().optional() });

/** The fields of every response of VisualSnoop, failures included. */
const documented = z.object({ status: z.int(), message: z.string() });

const NOT_FOUND = 404;

export interface SignedCall<T> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The path below the base URL, percent-encoded. */
  path: string;
  /** Sent as the body. */
  image?: StagedImage;
  /** Whether doing it twice is the same as doing it once. */
  repeatable: boolean;
  /** Throws when VisualSnoop documents no such value. */
  decode: (value: unknown) => T;
  /**
   * The results of statuses beside 2xx. `timesSent` is more than 1 when an earlier try may have done the work already.
   * @default every such status is an error
   */
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

  /** Reads something, or null when it is not there. Those who read the same at the same time share the response. */
  get<T>(path: string, decode: (value: unknown) => T, signal?: CallSignal): Promise<T | null> {
    const call: SignedCall<T | null> = {
      method: 'GET',
      path,
      repeatable: true,
      decode,
      otherwise: { [NOT_FOUND]: () => null },
    };
    return this.#reads.read(path, (shared) => this.ask(call, shared), signal);
  }

  /** Changes something; reads that start afterwards share no response from before. */
  async change<T>(call: SignedCall<T>, signal?: CallSignal): Promise<T> {
    try {
      return await this.ask(call, signal);
    } finally {
      this.#reads.forget();
    }
  }

  /** Makes a call that changes nothing, and whose response is not shared. */
  async ask<T>(call: SignedCall<T>, signal?: CallSignal): Promise<T> {
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
        const said = isSuccess(status) ? (withStatus.parse(value).status ?? status) : status;
        if (isSuccess(said)) {
          const result = decode(value);
          return () => result;
        }
        // Any server says 404 where there is no VisualSnoop.
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

/** The error for a status that a call gives no meaning. */
function unexpected(status: number, repeatable: boolean): ServiceError {
  return status >= 500
    ? unavailable('VisualSnoop answered with a server error.', repeatable)
    : refused(`VisualSnoop refused the request with status ${status}.`);
}
