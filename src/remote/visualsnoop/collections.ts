import type { CallSignal } from '../../services/call-signal.js';
import { compareText } from '../../services/compare-text.js';
import { RemoteCollection } from './collection.js';
import type { SignedCalls } from './signed-calls.js';

interface Member {
  calls: SignedCalls;
  /** Null until VisualSnoop said which it is. */
  collection: RemoteCollection | null;
}

/** The collections whose keys are known. Each is asked for once; an ask that failed is repeated at the next use. */
export class RemoteCollections {
  readonly #members: Member[];

  constructor(calls: readonly SignedCalls[]) {
    this.#members = calls.map((calls) => ({ calls, collection: null }));
  }

  /** By id, ascending. Fails when any of them cannot be asked for: a list with gaps would look complete. */
  async all(signal?: CallSignal): Promise<RemoteCollection[]> {
    const collections = await Promise.all(this.#members.map((member) => this.#open(member, signal)));
    const byId = new Map(collections.map((collection) => [collection.id, collection]));
    return [...byId.values()].sort((a, b) => compareText(a.id, b.id));
  }

  /** Null when no key is of this collection. Keys that VisualSnoop refuses do not stand in the way of the others. */
  async find(collectionId: string, signal?: CallSignal): Promise<RemoteCollection | null> {
    const isIt = (collection: RemoteCollection | null) => collection?.id === collectionId;
    const known = this.#members.find(({ collection }) => isIt(collection));
    if (known) return known.collection;
    const asked = await Promise.allSettled(this.#members.map((member) => this.#open(member, signal)));
    for (const ask of asked) if (ask.status === 'fulfilled' && isIt(ask.value)) return ask.value;
    const failed = asked.find((ask) => ask.status === 'rejected');
    if (failed) throw failed.reason;
    return null;
  }

  /** Null when this is none of the public keys. */
  async withKey(publicKey: string, signal?: CallSignal): Promise<RemoteCollection | null> {
    const member = this.#members.find(({ calls }) => calls.publicKey === publicKey);
    return member ? this.#open(member, signal) : null;
  }

  async #open(member: Member, signal: CallSignal | undefined): Promise<RemoteCollection> {
    member.collection ??= await RemoteCollection.open(member.calls, signal);
    return member.collection;
  }
}
