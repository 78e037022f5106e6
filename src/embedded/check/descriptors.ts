import { DESCRIPTOR_BYTES, DESCRIPTOR_VERSION } from '../picture/descriptor.js';
import { reindex } from '../reindex.js';
import { replaceDescriptor } from '../store/sqlite/outdated-images.js';
import { batches } from './batches.js';
import type { CheckedFolder, Finding } from './finding.js';

const BROKEN = `
  select seq, collection_id as collectionId, image_id as imageId, content_hash as contentHash from images
  where seq > ? and descriptor_version = ${DESCRIPTOR_VERSION}
    and (length(descriptor) <> ${DESCRIPTOR_BYTES} or hex(substr(descriptor, 1, 1)) <> printf('%02X', ${DESCRIPTOR_VERSION}))
  order by seq limit ?`;
const OUTDATED = `select count(*) as count from images where descriptor_version <> ${DESCRIPTOR_VERSION}`;

interface ImageRow {
  seq: number;
  collectionId: string;
  imageId: string;
  contentHash: string;
}

/** What images are found by when they look alike. */
export async function* checkDescriptors({ database }: CheckedFolder): AsyncGenerator<Finding> {
  for await (const rows of batches<ImageRow, 'seq'>(database, BROKEN, 'seq', 0))
    for (const row of rows) yield brokenDescriptor(row);
  const [{ count } = { count: 0 }] = database.prepare(OUTDATED).all() as { count: number }[];
  if (count > 0) yield outdatedDescriptors(count);
}

function brokenDescriptor({ seq, collectionId, imageId, contentHash }: ImageRow): Finding {
  return {
    kind: 'broken-descriptor',
    problem: `The descriptor of the image ${JSON.stringify(imageId)} of ${collectionId} is broken.`,
    remedy: 'The picture is described anew.',
    async repair({ store, blobs, pictures }) {
      const descriptor = await pictures.describe(blobs.path(contentHash));
      if (!descriptor) throw new Error(`The picture ${contentHash} cannot be decoded any more.`);
      await replaceDescriptor(store, seq, descriptor, DESCRIPTOR_VERSION);
    },
  };
}

function outdatedDescriptors(count: number): Finding {
  return {
    kind: 'outdated-descriptors',
    problem: `Images with a descriptor of another version: ${count}. A gateway that runs describes them anew.`,
    remedy: 'They are described anew.',
    async repair(tools) {
      const failures: unknown[] = [];
      await reindex({ ...tools, onError: (error) => failures.push(error) });
      if (failures.length > 0)
        throw new Error(`${failures.length} of them could not be described.`, { cause: failures[0] });
    },
  };
}
