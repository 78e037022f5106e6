import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * The ETag of a text that is the same in whatever coding it is sent. It is a weak one: the bytes that are sent differ from coding
 * to coding.
 * @param parts all that the text depends on
 */
export function weakEtag(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return `W/"${hash.digest('base64url').slice(0, 27)}"`;
}

/** Whether a client has what an ETag names, by `If-None-Match`, which compares weakly. */
export function isKnown({ headers }: IncomingMessage, etag: string): boolean {
  const named = opaque(etag);
  return (headers['if-none-match'] ?? '')
    .split(',')
    .some((tag) => tag.trim() === '*' || opaque(tag.trim()) === named);
}

function opaque(tag: string): string {
  return tag.replace(/^W\//, '');
}
