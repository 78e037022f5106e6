import { readLocalFile } from '../blobs/read-bytes.js';
import type { CheckedFolder, Finding } from './finding.js';

/** The columns that a perceptual hash is found by. */
export async function* checkHashes({ store: { audit } }: CheckedFolder): AsyncGenerator<Finding> {
  for await (const rows of audit.brokenHashes()) {
    for (const { seq, contentHash } of rows) {
      yield {
        kind: 'broken-hash',
        problem: `The perceptual hash of the entry ${contentHash} is broken.`,
        remedy: 'It is made anew from the picture.',
        async repair({ store, blobs, pictures }) {
          const facts = await readLocalFile({ store, blobs }, contentHash, (path) => pictures.read(path));
          await store.audit.correctHash(seq, facts.perceptualHash);
        },
      };
    }
  }
}
