import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { FileBlobs } from '#src/embedded/blobs/file-blobs.js';
import { openS3Blobs } from '#src/embedded/blobs/s3/open.js';
import { shareSwift } from '../../harness/run-servers.js';
import { hasSwift, NO_SWIFT, SWIFT_KEYS } from '../../harness/swift.js';
import { describeBlobs } from './contract.js';
import { createStage } from './stage.js';

describe('bytes in files', () => {
  describeBlobs(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lookalike-blobs-'));
    await mkdir(join(folder, 'blobs'));
    return {
      blobs: new FileBlobs(join(folder, 'blobs')),
      stage: await createStage(join(folder, 'incoming')),
      placeFor: (contentHash) => contentHash,
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
    };
  });
});

describe.skipIf(!hasSwift)(hasSwift ? 'bytes in S3' : `bytes in S3 (skipped: ${NO_SWIFT})`, () => {
  describeBlobs(async () => {
    const swift = await shareSwift();
    const bucket = `blobs-${randomBytes(4).toString('hex')}`;
    await swift.makeBucket(bucket);
    const folder = await mkdtemp(join(tmpdir(), 'lookalike-blobs-'));
    const url = swift.blobsUrl(bucket, 'a prefix (of) ours');
    const { blobs, close } = openS3Blobs({ url, env: SWIFT_KEYS, scratchDir: folder });
    return {
      blobs,
      stage: await createStage(join(folder, 'incoming')),
      placeFor: (hash) => `${hash.slice(0, 2)}/${hash.slice(2, 4)}/${hash}-${randomBytes(6).toString('hex')}`,
      async [Symbol.asyncDispose]() {
        await close();
        await rm(folder, { recursive: true });
      },
    };
  });
});
