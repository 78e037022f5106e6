import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, request } from 'undici';
import { parseRetryAfter } from '../../calls/retries.js';
import { ItemError } from './item.js';
import { guardedAgent, PrivateAddressError } from './public-agent.js';

export interface FetchOptions {
  /** Where the bytes are put meanwhile. */
  folder: string;
  /** More bytes are refused. */
  maxBytes: number;
  /** Whether anything may be asked of an IP address. */
  isAllowed(address: string): boolean;
  /**
   * The time of one try, in milliseconds.
   * @default 60_000
   */
  timeoutMs?: number;
}

/** Fetches the bytes of a URL into a file, which goes with `dispose`. */
export type FetchPicture = (
  url: string,
  signal: AbortSignal,
) => Promise<{ path: string; dispose: () => Promise<void> }>;

const MAX_REDIRECTS = 5;
const MAX_TRIES = 4;
const FIRST_DELAY_MS = 500;
/** A host that wants to be left alone for longer is. */
const MAX_RETRY_AFTER_MS = 300_000;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Statuses that may be another one in a moment. */
const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504]);

/** A failure that may be over in a moment. */
class TransientError extends Error {
  readonly retryAfterMs: number | null;

  constructor(message: string, retryAfterMs: number | null) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** @returns with what ends the connections */
export function createFetchPicture(options: FetchOptions): {
  fetchPicture: FetchPicture;
  close(): Promise<void>;
} {
  const fetcher = new PictureFetcher(options);
  return { fetchPicture: (url, signal) => fetcher.fetch(url, signal), close: () => fetcher.close() };
}

class PictureFetcher {
  readonly #options: FetchOptions;
  readonly #agent: Dispatcher;
  /** By host: when it may be asked again, of performance.now(). */
  readonly #quietUntil = new Map<string, number>();

  constructor(options: FetchOptions) {
    this.#options = options;
    this.#agent = guardedAgent(options.isAllowed);
  }

  async fetch(url: string, signal: AbortSignal) {
    const path = join(this.#options.folder, `${randomUUID()}.fetched`);
    const dispose = () => rm(path, { force: true });
    try {
      await this.#tryAgain(url, path, signal);
      return { path, dispose };
    } catch (error) {
      await dispose();
      throw error;
    }
  }

  async #tryAgain(url: string, path: string, signal: AbortSignal): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#try(url, path, signal);
      } catch (error) {
        if (signal.aborted || !(error instanceof TransientError)) throw error;
        const delay = error.retryAfterMs ?? FIRST_DELAY_MS * 2 ** (tries - 1);
        if (tries === MAX_TRIES || delay > MAX_RETRY_AFTER_MS) throw new ItemError(error.message);
        await sleep(delay, undefined, { signal });
      }
    }
  }

  async #try(url: string, path: string, signal: AbortSignal): Promise<void> {
    const { maxBytes, timeoutMs = 60_000 } = this.#options;
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const body = await this.#open(url, AbortSignal.any([signal, deadline]));
      await pipeline(body, bounded(maxBytes), createWriteStream(path), { signal: deadline });
    } catch (error) {
      throw signal.aborted ? error : explain(error, deadline.aborted);
    }
  }

  /** Follows redirects, each of which is checked as the first address is. */
  async #open(first: string, signal: AbortSignal): Promise<Dispatcher.ResponseData['body']> {
    let url = requireWeb(first);
    for (let redirects = 0; ; redirects++) {
      this.#requireOpen(url.host);
      const response = await request(url, {
        dispatcher: this.#agent,
        signal,
        headers: { accept: 'image/*,*/*;q=0.5', 'user-agent': 'lookalike-import' },
      });
      const { statusCode, headers, body } = response;
      if (statusCode === 200) return body;
      await body.dump();
      if (TRANSIENT.has(statusCode)) throw this.#transient(url.host, statusCode, headers);
      const location = headers.location;
      if (!REDIRECTS.has(statusCode) || typeof location !== 'string')
        throw new ItemError(`${url.host} responds ${statusCode}.`);
      if (redirects === MAX_REDIRECTS) throw new ItemError(`There are more than ${MAX_REDIRECTS} redirects.`);
      url = requireWeb(location, url);
    }
  }

  /** A host that said when it may be asked again is asked for nothing before. */
  #requireOpen(host: string): void {
    const left = (this.#quietUntil.get(host) ?? 0) - performance.now();
    if (left > 0) throw new TransientError(`${host} wants to be asked later.`, left);
  }

  #transient(
    host: string,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): TransientError {
    const retryAfterMs = parseRetryAfter(headers['retry-after']);
    if (retryAfterMs !== null && retryAfterMs <= MAX_RETRY_AFTER_MS)
      this.#quietUntil.set(host, performance.now() + retryAfterMs);
    return new TransientError(`${host} responds ${status}.`, retryAfterMs);
  }

  close(): Promise<void> {
    return this.#agent.close();
  }
}

/** @throws ItemError for anything but http and https */
function requireWeb(address: string, base?: URL): URL {
  const url = URL.canParse(address, base?.href) ? new URL(address, base) : null;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new ItemError(
      `Only http and https are fetched, and ${base ? 'a redirect leads to' : 'this is'} neither.`,
    );
  url.username = '';
  url.password = '';
  return url;
}

function bounded(maxBytes: number): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > maxBytes) done(new ItemError(`The image is larger than ${maxBytes} bytes.`));
      else done(null, chunk);
    },
  });
}

function explain(error: unknown, isOverdue: boolean): unknown {
  if (error instanceof ItemError || error instanceof TransientError) return error;
  if (error instanceof PrivateAddressError) return new ItemError(error.message);
  if (isOverdue) return new TransientError('The server did not send all in time.', null);
  const { code } = error as NodeJS.ErrnoException;
  // Of the disk, and not of the network.
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EIO') return error;
  return new TransientError(`It cannot be fetched: ${code ?? (error as Error).message}.`, null);
}
