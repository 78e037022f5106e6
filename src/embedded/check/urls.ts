import type { UrlRow } from '../store/audit.js';
import type { CheckedFolder, Finding } from './finding.js';

/** The URLs of entries, and the hashes that they are found by. */
export async function* checkUrls({ store: { audit } }: CheckedFolder): AsyncGenerator<Finding> {
  for await (const rows of audit.urlsWithoutEntry()) for (const row of rows) yield urlWithoutEntry(row);
  for await (const rows of audit.urlsWithWrongHash()) for (const row of rows) yield wrongUrlHash(row);
  for await (const rows of audit.entriesWithoutUrl()) for (const row of rows) yield entryWithoutUrl(row);
}

function urlWithoutEntry(row: UrlRow): Finding {
  return {
    kind: 'url-without-entry',
    problem: `There is a URL of the entry ${row.content_hash}, which is not there.`,
    remedy: 'Its row is set aside.',
    repair: ({ store, setAside }) => store.audit.removeUrl(row.seq, setAside),
  };
}

function wrongUrlHash(row: UrlRow): Finding {
  return {
    kind: 'wrong-url-hash',
    problem: `A URL of the entry ${row.content_hash} cannot be looked up.`,
    remedy: 'Its hash is made anew.',
    repair: ({ store }) => store.audit.correctUrlHash(row),
  };
}

function entryWithoutUrl({ seq, content_hash }: UrlRow): Finding {
  return {
    kind: 'entry-without-url',
    problem: `The entry ${content_hash} is not under its own URL.`,
    remedy: 'The URL is noted again.',
    repair: ({ store }) => store.audit.insertOwnUrl(seq),
  };
}
