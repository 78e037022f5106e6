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
          const { perceptualHash } = await pictures.read(blobs.path(contentHash));
          await store.audit.correctHash(seq, perceptualHash);
        },
      };
    }
  }
}
