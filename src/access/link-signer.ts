import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Authenticator } from './authenticator.js';

const DAY_SECONDS = 24 * 60 * 60;
/** 128 bits, as base64url. */
const SIGNATURE_LENGTH = 22;

/** What a link is worth: NONE has no signature. */
export type LinkState = 'VALID' | 'EXPIRED' | 'FORGED' | 'NONE';

/** Signs the addresses of pictures, so that a browser that sends no key is shown them until they expire. */
export interface LinkSigner {
  /** The query of a link to this path, with its question mark. */
  sign(path: string): string;
  /** @param query without its question mark; what else it holds does not count */
  check(path: string, query: string): LinkState;
}

export interface LinkSignerOptions {
  key: Buffer;
  /** The least time that a link is good for. */
  ttlSeconds: number;
  /** @default the clock, in milliseconds */
  now?: () => number;
}

/**
 * Links expire at the end of a day in UTC, or of so many seconds where they are good for less than a day: those that are made
 * until then are the same, letter by letter, so that browsers find what they have.
 */
export function createLinkSigner({ key, ttlSeconds, now = Date.now }: LinkSignerOptions): LinkSigner {
  const step = Math.min(ttlSeconds, DAY_SECONDS);
  const signature = (path: string, expires: string) =>
    createHmac('sha256', key).update(`${expires}\n${path}`).digest('base64url').slice(0, SIGNATURE_LENGTH);
  return {
    sign(path) {
      const expires = String(Math.ceil((now() / 1000 + ttlSeconds) / step) * step);
      return `?exp=${expires}&sig=${signature(path, expires)}`;
    },
    check(path, query) {
      const parameters = new URLSearchParams(query);
      const given = parameters.get('sig');
      const expires = parameters.get('exp') ?? '';
      if (given === null) return 'NONE';
      if (!isSame(given, signature(path, expires)) || !/^\d{1,12}$/.test(expires)) return 'FORGED';
      return now() / 1000 < Number(expires) ? 'VALID' : 'EXPIRED';
    },
  };
}

/** Takes the same time for every text of the right length. */
function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * The key of an installation's links. It is another one, and all links given out before are void, when a secret of the
 * installation or who may come in changes.
 * @param secrets of the installation, the same for all its gateways
 */
export function linkKey(
  secrets: readonly Buffer[],
  { fingerprint }: Pick<Authenticator, 'fingerprint'>,
): Buffer {
  // Each by its digest, which has a fixed length: no two lists come to the same bytes.
  const parts = [...secrets, fingerprint].map((part) => createHmac('sha256', 'part').update(part).digest());
  return Buffer.from(hkdfSync('sha256', Buffer.concat(parts), '', 'lookalike links', 32));
}
