/** What each peer asks the imgcache of the first argument for, through a pool of undici, the fastest client. */
import DataLoader from 'dataloader';
import { Pool } from 'undici';
import { nearest, toEntry } from '../graph/imgcache-rows.js';

const pool = new Pool(process.argv[2], { connections: 64 });

export async function entryOf(contentHash) {
  return toEntry(await get(`/images/meta/${contentHash}`));
}

export async function entriesOf({ first, filter }) {
  const rows = await get(`/images/search?url_contains=${filter.urlContains}`);
  return { nodes: rows.slice(0, first).map(toEntry) };
}

export async function similarTo(entry, { first, maxHammingDistance }) {
  const query = `perceptual_hash=${entry.perceptualHash}&max_hamming_distance=${maxHammingDistance}`;
  return nearest(entry, await get(`/images/similar?${query}`), first);
}

/** Resolvers with a loader for entries in their context, by which a request asks for none of them twice. */
export const resolvers = {
  Query: {
    entry: (_root, { contentHash }, { entries }) => entries.load(contentHash),
    entries: (_root, args) => entriesOf(args),
  },
  Entry: { similar: (entry, args) => similarTo(entry, args) },
};

export function contextOf() {
  return { entries: new DataLoader((hashes) => Promise.all(hashes.map(entryOf))) };
}

async function get(path) {
  const { statusCode, body } = await pool.request({ method: 'GET', path });
  if (statusCode !== 200) throw new Error(`${path} was answered with ${statusCode}.`);
  return body.json();
}
