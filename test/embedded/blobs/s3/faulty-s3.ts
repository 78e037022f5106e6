import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Blobs } from '#src/embedded/blobs/blobs.js';
import { type OpenBlobs, openS3Blobs } from '#src/embedded/blobs/s3/open.js';
import { S3SettingError } from '#src/embedded/blobs/s3/setting-error.js';
import type { ObjectCall } from '#src/embedded/blobs/s3/transport.js';
import type { StagedImage } from '#src/services/staged-image.js';
import { type Behaviour, FaultyServer } from '../../../fakes/faulty-server.js';
import { createStage } from '../stage.js';

export const SECRET_KEY = 'hunter2/secret';
const ENV = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: SECRET_KEY };

export interface FaultyS3 extends AsyncDisposable {
  server: FaultyServer;
  blobs: Blobs;
  status: OpenBlobs['status'];
  close: OpenBlobs['close'];
  scratchDir: string;
  calls: ObjectCall[];
  stage(bytes: Uint8Array): Promise<StagedImage>;
}

/** Blobs over a server that behaves as told. */
export async function faultyS3(
  script: Behaviour[],
  { timeoutMs = 2_000, env = ENV }: { timeoutMs?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<FaultyS3> {
  const server = await FaultyServer.start(...script);
  const folder = await mkdtemp(join(tmpdir(), 'lookalike-s3-'));
  const calls: ObjectCall[] = [];
  const url = `s3://pictures/pre?endpoint=${server.url}`;
  const onCall = (call: ObjectCall) => calls.push(call);
  const opened = openS3Blobs({ url, env, scratchDir: folder, timeoutMs, onCall });
  return {
    ...opened,
    server,
    scratchDir: folder,
    calls,
    stage: await createStage(join(folder, 'incoming')),
    async [Symbol.asyncDispose]() {
      await opened.close();
      await server.leave();
      await rm(folder, { recursive: true });
    },
  };
}

/** The message of a probe that fails: one line that names the setting, and no secret. */
export async function complaintOf(probing: Promise<void>): Promise<string> {
  const error = await probing.then(
    () => new Error('It passed.'),
    (reason: unknown) => reason as Error,
  );
  expect(error).toBeInstanceOf(S3SettingError);
  expect(error.message).toMatch(/^(?:BLOBS_URL|AWS_[A-Z0-9_]+)[ ,:][^\n]*\.$/);
  expect(error.message).not.toContain(SECRET_KEY);
  return error.message;
}

/** Probes a bucket once. */
export async function probe(url: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { blobs, close } = openS3Blobs({ url, env, scratchDir: '/nowhere', timeoutMs: 2_000 });
  try {
    await blobs.probe();
  } finally {
    await close();
  }
}
