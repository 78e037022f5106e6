import { readLocalFile } from '../blobs/read-bytes.js';
import { DESCRIPTOR_BYTES, DESCRIPTOR_VERSION } from '../picture/descriptor.js';
import { VERSIONS } from '../picture/versions.js';
import { reindex } from '../reindex.js';
import type { DescribedImage } from '../store/audit.js';
import type { CheckedFolder, Finding } from './finding.js';

/** The descriptors that images are found by when they look alike. */
export async function* checkDescriptors({
  store: { audit, images },
}: CheckedFolder): AsyncGenerator<Finding> {
  const form = { version: DESCRIPTOR_VERSION, bytes: DESCRIPTOR_BYTES };
  for await (const rows of audit.brokenDescriptors(form)) for (const row of rows) yield brokenDescriptor(row);
  const count = await images.countOutdated(VERSIONS);
  if (count > 0) yield outdatedDescriptors(count);
}

function brokenDescriptor({ seq, collectionId, imageId, contentHash }: DescribedImage): Finding {
  return {
    kind: 'broken-descriptor',
    problem: `The descriptor of the image ${JSON.stringify(imageId)} of ${collectionId} is broken.`,
    remedy: 'The picture is described anew.',
    async repair({ store, blobs, pictures }) {
      const description = await readLocalFile({ store, blobs }, contentHash, (path) =>
        pictures.describe(path),
      );
      if (!description) throw new Error(`The picture ${contentHash} cannot be decoded any more.`);
      await store.images.replaceDescription(seq, { ...description, ...VERSIONS });
    },
  };
}

function outdatedDescriptors(count: number): Finding {
  return {
    kind: 'outdated-descriptors',
    problem: `Images whose descriptor or keypoints are of another version or missing: ${count}. A gateway that runs describes them anew.`,
    remedy: 'They are described anew.',
    async repair(tools) {
      const failures: unknown[] = [];
      await reindex({ ...tools, onError: (error) => failures.push(error) });
      if (failures.length > 0)
        throw new Error(`${failures.length} of them could not be described.`, { cause: failures[0] });
    },
  };
}
