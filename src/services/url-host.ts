import { lowerAscii } from './lower-ascii.js';

/** Longer than any name of the DNS; more would not fit into an index. */
export const MAX_HOST_LENGTH = 255;

const AUTHORITY = /^[A-Za-z0-9+.-]+:\/\/([^/?#\\]*)/;

/**
 * The host in a URL as it stands there, without user and port, its ASCII letters in lower case. Null where there is none,
 * or one of more than 255 characters. The stores have it in an index, by expressions that give the same.
 */
export function urlHost(url: string): string | null {
  const authority = AUTHORITY.exec(url)?.[1] ?? '';
  const hostAndPort = authority.slice(authority.lastIndexOf('@') + 1);
  // An IPv6 address stands in brackets and has colons itself.
  const [host = ''] = (hostAndPort.startsWith('[') ? /^[^\]]*\]/ : /^[^:]*/).exec(hostAndPort) ?? [];
  return host === '' || [...host].length > MAX_HOST_LENGTH ? null : lowerAscii(host);
}
