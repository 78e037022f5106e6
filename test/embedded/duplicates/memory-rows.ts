import type { Look } from '#src/embedded/duplicates/look-comparison.js';
import { encodeDescriptor } from '#src/embedded/picture/descriptor.js';
import type { DecisionChange, DecisionRows } from '#src/embedded/store/decisions.js';
import type { LookRows } from '#src/embedded/store/looks.js';
import type { Changes, HashRow, HashRows, Position } from '#src/embedded/store/rows.js';
import type { HashChunks } from '#src/services/hamming-distance.js';
import { encoded } from '../keypoints/random-keypoints.js';
import type { Picture } from './brute-force.js';

type Change<Row> = { row: Row } | { deleted: number };

/** Entries, images and decisions in memory, as a store gives them to those who follow it. */
export class MemoryRows {
  readonly #changes: Change<HashRow>[] = [];
  readonly #entries = new Map<number, { contentHash: string; hash: HashChunks }>();
  readonly #imageChanges: Change<number>[] = [];
  readonly #images = new Map<number, { contentHash: string; look: Look }>();
  readonly #decisions: DecisionChange[] = [];
  #lastSeq = 0;

  get pictures(): Map<string, Picture> {
    const looks = new Map([...this.#images.values()].map(({ contentHash, look }) => [contentHash, look]));
    return new Map(
      [...this.#entries.values()].map(({ contentHash, hash }) => [
        contentHash,
        { hash, look: looks.get(contentHash) ?? null },
      ]),
    );
  }

  add(contentHash: string, hash: HashChunks): number {
    const seq = ++this.#lastSeq;
    this.#entries.set(seq, { contentHash, hash });
    this.#changes.push({ row: [seq, '', ...hash] });
    return seq;
  }

  delete(contentHash: string): void {
    for (const [seq, entry] of this.#entries) {
      if (entry.contentHash !== contentHash) continue;
      this.#entries.delete(seq);
      this.#changes.push({ deleted: seq });
    }
  }

  /** Adds an image. */
  putImage(contentHash: string, look: Look): void {
    const seq = ++this.#lastSeq;
    this.#images.set(seq, { contentHash, look });
    this.#imageChanges.push({ row: seq });
  }

  /** Deletes the first of the images with these bytes. */
  deleteImage(contentHash: string): void {
    for (const [seq, image] of this.#images) {
      if (image.contentHash !== contentHash) continue;
      this.#images.delete(seq);
      this.#imageChanges.push({ deleted: seq });
      return;
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
    changes: async (after, limit) => changesOf(this.#changes, after, limit),
  };

  readonly looks: LookRows = {
    changes: async (after, limit) => {
      const { added, ...changes } = changesOf(this.#imageChanges, after, limit);
      const seqOf = (imageSeq: number) => {
        const image = this.#images.get(imageSeq);
        const entry = [...this.#entries].find(([, { contentHash }]) => contentHash === image?.contentHash);
        return entry?.[0] ?? null;
      };
      return { ...changes, added: added.map((seq) => ({ seq, entrySeq: seqOf(seq) })) };
    },
    ofEntries: async (entrySeqs) =>
      entrySeqs.flatMap((entrySeq) => {
        const entry = this.#entries.get(entrySeq);
        const image = [...this.#images].find(([, { contentHash }]) => contentHash === entry?.contentHash);
        if (!image) return [];
        const [imageSeq, { look }] = image;
        const keypoints = look.keypoints && encoded(look.keypoints);
        return [{ entrySeq, imageSeq, descriptor: encodeDescriptor(look.descriptor), keypoints }];
      }),
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

function changesOf<Row>(all: readonly Change<Row>[], after: Position | null, limit: number): Changes<Row> {
  const from = Number(after ?? 0);
  const slice = all.slice(from, from + limit);
  return {
    added: slice.flatMap((change) => ('row' in change ? [change.row] : [])),
    deletedSeqs: slice.flatMap((change) => ('deleted' in change ? [change.deleted] : [])),
    position: String(from + slice.length),
    more: slice.length === limit,
    reset: false,
  };
}
