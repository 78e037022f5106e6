import type { CallSignal } from '../../services/call-signal.js';
import { compareText } from '../../services/compare-text.js';
import { RemoteCollection } from './collection.js';
import type { SignedCalls } from './signed-calls.js';

/** A pair of keys, and the collection that it is for. */
interface KeyedCollection {
  calls: SignedCalls;
  /** Null until VisualSnoop has said which it is. */
  collection: RemoteCollection | null;
}

/** The collections whose keys are known. Each is read once; a read that failed is repeated at the next use. */
export class RemoteCollections {
  readonly #keyed: KeyedCollection[];

  constructor(calls: readonly SignedCalls[]) {
    this.#keyed = calls.map((calls) => ({ calls, collection: null }));
  }

  /** All of them by id, ascending. Fails when any cannot be read: a list with gaps would look complete. */
  async all(signal?: CallSignal): Promise<RemoteCollection[]> {
    const collections = await Promise.all(this.#keyed.map((keyed) => this.#open(keyed, signal)));
    const byId = new Map(collections.map((collection) => [collection.id, collection]));
    return [...byId.values()].sort((a, b) => compareText(a.id, b.id));
  }

  /** The collection with an id, or null. Keys that VisualSnoop refuses do not stand in the way of the others. */
  async find(collectionId: string, signal?: CallSignal): Promise<RemoteCollection | null> {
    const isIt = (collection: RemoteCollection | null) => collection?.id === collectionId;
    const known = this.#keyed.find(({ collection }) => isIt(collection));
    if (known) return known.collection;
    const asked = await Promise.allSettled(this.#keyed.map((keyed) => this.#open(keyed, signal)));
    for (const ask of asked) if (ask.status === 'fulfilled' && isIt(ask.value)) return ask.value;
    const failed = asked.find((ask) => ask.status === 'rejected');
    if (failed) throw failed.reason;
    return null;
  }

  /** The collection of a public key, or null. */
  async withKey(publicKey: string, signal?: CallSignal): Promise<RemoteCollection | null> {
    const keyed = this.#keyed.find(({ calls }) => calls.publicKey === publicKey);
    return keyed ? this.#open(keyed, signal) : null;
  }

  async #open(keyed: KeyedCollection, signal: CallSignal | undefined): Promise<RemoteCollection> {
    keyed.collection ??= await RemoteCollection.open(keyed.calls, signal);
    return keyed.collection;
  }
}
