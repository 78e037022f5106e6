import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { CallSignal } from '../../../services/call-signal.js';
import type { S3Address } from './address.js';
import type { S3Client } from './client.js';
import { explainFailure, responseErrorOf } from './probe-failure.js';
import { S3SettingError } from './setting-error.js';

export interface S3ProbeParts {
  client: S3Client;
  address: S3Address;
  /** Under which objects may be written for the probe. */
  key: string;
}

/** Finds out whether the bucket can be used as it is set. */
export class S3Probe {
  readonly #client: S3Client;
  readonly #address: S3Address;
  readonly #key: string;
  #hasPassed = false;

  constructor({ client, address, key }: S3ProbeParts) {
    this.#client = client;
    this.#address = address;
    this.#key = key;
  }

  /**
   * Writes, reads and deletes an object; once that has worked, only asks for one, as somebody may probe every second.
   * @throws S3SettingError, or the reason of the signal
   */
  async run(signal?: CallSignal): Promise<void> {
    try {
      if (this.#hasPassed) await this.#look(signal);
      else await this.#tryOut(signal);
      this.#hasPassed = true;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      this.#hasPassed = false;
      throw explainFailure(error, this.#address);
    }
  }

  async #tryOut(signal: CallSignal | undefined): Promise<void> {
    const key = `${this.#key}/${randomUUID()}`;
    const bytes = Buffer.from('lookalike');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await this.#client.put(key, { size: bytes.length, sha256, open: () => Readable.from([bytes]) }, signal);
    try {
      const stream = await this.#client.get(key, undefined, signal);
      const found = stream && (await buffer(stream));
      if (!found?.equals(bytes))
        throw new S3SettingError('BLOBS_URL names a store that did not give back what was written to it.');
    } finally {
      await this.#client.delete(key);
    }
  }

  /** Whether it is there, or may be seen, does not matter: the store responds, and knows the credentials. */
  async #look(signal: CallSignal | undefined): Promise<void> {
    try {
      const stream = await this.#client.get(this.#key, undefined, signal);
      stream?.destroy();
    } catch (error) {
      if (responseErrorOf(error)?.code !== 'AccessDenied') throw error;
    }
  }
}
