import { join } from 'node:path';
import { KEYPOINTS_VERSION } from '../../dist/embedded/keypoints/keypoints.js';
import { DESCRIPTOR_VERSION } from '../../dist/embedded/picture/descriptor.js';
import { openSqliteStore } from '../../dist/embedded/store/sqlite/open.js';

const CREATED_AT = '2026-01-01T00:00:00.000000Z';

const INSERT_IMAGES = `
  insert into images (collection_id, image_id, content_hash, image_time, descriptor_version, descriptor)
  select ?, value, value, '${CREATED_AT}', ${DESCRIPTOR_VERSION}, x'00' from json_each(?)`;

// Without keypoints the gateway would describe them, for which there are no bytes.
const INSERT_KEYPOINTS = `
  insert into image_keypoints (seq, version, keypoints)
  select seq, ${KEYPOINTS_VERSION}, x'' from images where collection_id = ?`;

/**
 * Makes a collection in the database of a data folder, with images that have these content hashes as their ids, but no
 * bytes and nothing to be searched by.
 *
 * @param {string} dataDir
 * @param {{ collectionId: string, publicKey: string, secretKey: string }} collection
 * @param {readonly string[]} contentHashes
 */
export async function fillCollection(dataDir, { collectionId, publicKey, secretKey }, contentHashes) {
  const { store, connection, close } = await openSqliteStore(join(dataDir, 'lookalike.db'));
  const collection = { collectionId, name: null, user: null };
  await store.collections.insert({ collection, publicKey, secretKey }, CREATED_AT);
  connection.prepare(INSERT_IMAGES).run(collectionId, JSON.stringify(contentHashes));
  connection.prepare(INSERT_KEYPOINTS).run(collectionId);
  await close();
}
