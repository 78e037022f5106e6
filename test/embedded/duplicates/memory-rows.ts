import type { DecisionChange, DecisionRows } from '#src/embedded/store/decisions.js';
import type { Changes, HashRow, HashRows, Position } from '#src/embedded/store/rows.js';
import type { HashChunks } from '#src/services/hamming-distance.js';

/** Entries and decisions in memory, as a store gives them to those who follow it. */
export class MemoryRows {
  readonly #changes: ({ row: HashRow } | { deleted: number })[] = [];
  readonly #entries = new Map<number, { contentHash: string; hash: HashChunks }>();
  readonly #decisions: DecisionChange[] = [];
  #lastSeq = 0;

  get hashesByName(): Map<string, HashChunks> {
    return new Map([...this.#entries.values()].map(({ contentHash, hash }) => [contentHash, hash]));
  }

  add(contentHash: string, hash: HashChunks): number {
    const seq = ++this.#lastSeq;
    this.#entries.set(seq, { contentHash, hash });
    this.#changes.push({ row: [seq, ...hash] });
    return seq;
  }

  delete(contentHash: string): void {
    for (const [seq, entry] of this.#entries) {
      if (entry.contentHash !== contentHash) continue;
      this.#entries.delete(seq);
      this.#changes.push({ deleted: seq });
    }
  }

  /** Undoes one where there are no content hashes. */
  decide(decisionId: string, contentHashes: readonly string[]): void {
    this.#decisions.push({ decisionId, contentHashes });
  }

  isDecided(a: string, b: string): boolean {
    const last = new Map(this.#decisions.map(({ decisionId, contentHashes }) => [decisionId, contentHashes]));
    return [...last.values()].some((hashes) => hashes.includes(a) && hashes.includes(b));
  }

  readonly hashes: HashRows = {
    changes: async (after: Position | null, limit: number): Promise<Changes<HashRow>> => {
      const from = Number(after ?? 0);
      const slice = this.#changes.slice(from, from + limit);
      return {
        added: slice.flatMap((change) => ('row' in change ? [change.row] : [])),
        deletedSeqs: slice.flatMap((change) => ('deleted' in change ? [change.deleted] : [])),
        position: String(from + slice.length),
        more: slice.length === limit,
        reset: false,
      };
    },
  };

  readonly decisions: DecisionRows = {
    changes: async (after, limit) => {
      const changes = this.#decisions.slice(after, after + limit);
      return { changes, position: after + changes.length };
    },
    contentHashes: async (seqs) =>
      new Map(
        seqs.flatMap((seq) => {
          const entry = this.#entries.get(seq);
          return entry ? [[seq, entry.contentHash] as const] : [];
        }),
      ),
  };
}
