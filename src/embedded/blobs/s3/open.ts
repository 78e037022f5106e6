import type { Tracer } from '@opentelemetry/api';
import type { ServiceStatus } from '../../../calls/guarded-calls.js';
import type { Blobs } from '../blobs.js';
import { parseS3Address } from './address.js';
import { S3Client } from './client.js';
import { credentialChain } from './credentials/chain.js';
import { RememberedCredentials } from './credentials/remembered.js';
import { S3Blobs } from './s3-blobs.js';
import type { OnObjectCall } from './transport.js';

export interface S3BlobsOptions {
  /** BLOBS_URL, as `parseS3Address` reads it. */
  url: string;
  /** For the `AWS_…` variables. */
  env: NodeJS.ProcessEnv;
  /** A folder of this process, on any file system, for copies of objects. */
  scratchDir: string;
  /**
   * For a call without the time in which bytes move.
   * @default 10_000
   */
  timeoutMs?: number;
  /** Told of each call at its end. */
  onCall?: OnObjectCall;
  /** Told when the store is left alone because call after call failed, and when it responds again. */
  onBreaker?: (state: 'OPEN' | 'CLOSED') => void;
  tracer?: Tracer;
}

export interface OpenBlobs {
  blobs: Blobs;
  status(): ServiceStatus;
  /** Ends all calls, running and waiting, and closes the connections. */
  close(): Promise<void>;
}

/**
 * Bytes in the bucket that BLOBS_URL names. Nothing is asked of it yet: `blobs.probe()` does.
 * @throws S3SettingError, one line that names the setting
 */
export function openS3Blobs({ url, env, scratchDir, ...options }: S3BlobsOptions): OpenBlobs {
  const address = parseS3Address(url, env);
  const credentials = new RememberedCredentials(credentialChain(env, address.region));
  const client = new S3Client({ ...options, address, credentials });
  return {
    blobs: new S3Blobs({ client, address, scratchDir }),
    status: () => client.status(),
    close: () => client.close(),
  };
}
