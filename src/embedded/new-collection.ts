import { randomBytes, randomInt } from 'node:crypto';
import { now } from '../services/timestamp.js';
import type { CreatedCollection } from '../services/visualsnoop.js';
import type { KeyPair, Store } from './store/store.js';

const SECRET_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const SECRET_LENGTH = 40;

/** Makes a collection with an id and a pair of keys of the original's form. */
export async function createCollection(
  store: Store,
  input: { name: string; user?: string },
): Promise<CreatedCollection> {
  for (;;) {
    const created = newCollection(input);
    // Of some ten thousand ids of 32 bits, two are the same.
    if (await store.collections.insert(created, now())) return created;
  }
}

function newCollection({ name, user }: { name: string; user?: string }): CreatedCollection {
  return {
    collection: { collectionId: randomBytes(4).toString('hex'), name, user: user ?? null },
    ...createKeys(),
  };
}

export function createKeys(): KeyPair {
  return {
    publicKey: randomBytes(10).toString('hex'),
    secretKey: Array.from({ length: SECRET_LENGTH }, randomSecretCharacter).join(''),
  };
}

/** Gives a collection a new pair of keys; the old ones are good for nothing from now on. Null where there is none. */
export async function rotateKeys(store: Store, collectionId: string): Promise<KeyPair | null> {
  const keys = createKeys();
  return (await store.collections.replaceKeys(collectionId, keys, now())) ? keys : null;
}

/** Makes the collection that a first start begins with. Null when there is one, or ever was. */
export async function createDefaultCollection(store: Store): Promise<CreatedCollection | null> {
  const [any] = await store.collections.list({ limit: 1 });
  if (any) return null;
  // Another process may be at its first start, too.
  const created = newCollection({ name: 'default' });
  return (await store.collections.insertFirst(created, now())) ? created : null;
}

function randomSecretCharacter(): string {
  return SECRET_CHARACTERS.charAt(randomInt(SECRET_CHARACTERS.length));
}
