import type { SharedReads } from '../../request/shared-reads.js';
import type { CallSignal } from '../../services/call-signal.js';
import type { Entry } from '../../services/entry.js';
import type { ServiceClient } from '../http/client.js';
import type { DecodedLists } from './decoded-lists.js';
import { type DecodeEntry, ListBody } from './list-body.js';
import { get } from './requests.js';

/** What all dialects of one remote imgcache share. */
export interface DialectParts {
  client: ServiceClient;
  reads: SharedReads;
  decoded: DecodedLists;
}

/** Reads the lists of a remote imgcache that always come whole. */
export class EntryLists {
  readonly #parts: DialectParts;
  readonly #decodeEntry: DecodeEntry;

  constructor(parts: DialectParts, decodeEntry: DecodeEntry) {
    this.#parts = parts;
    this.#decodeEntry = decodeEntry;
  }

  /**
   * Reads a list. Those who read the same one at the same time share it; what they make of it depends on what they ask.
   * @param asked all that `select` depends on
   */
  async read<T>(
    path: string,
    asked: object,
    select: (entries: readonly Entry[]) => readonly T[],
    signal: CallSignal | undefined,
  ): Promise<readonly T[]> {
    const { client, reads, decoded } = this.#parts;
    const key = `${path} ${JSON.stringify(asked)}`;
    const itemsOf = (list: ListBody) => decoded.decode(key, list.bytes, () => select(list.entries));
    // Within the call, so that it counts as failed if the response is not as documented.
    const take = (bytes: Buffer) => {
      const list = new ListBody(bytes, this.#decodeEntry);
      return { key, list, items: itemsOf(list) };
    };
    const read = await reads.read(path, (shared) => client.whole(get(path), take, shared), signal);
    return read.key === key ? read.items : itemsOf(read.list);
  }
}
