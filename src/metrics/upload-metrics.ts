import type { Registry } from 'prom-client';
import type { RouteName } from '../http/route-name.js';
import type { Staging } from '../services/staged-image.js';
import { type Count, Counts } from './series.js';

/** Makes a staging that counts the bytes it receives as those of a route. */
export type CountUploads = (staging: Staging, route: RouteName) => Staging;

export function createUploadMetrics(registry: Registry): CountUploads {
  const received = new Counts({
    name: 'lookalike_upload_bytes_total',
    help: 'Bytes of pictures received, also of those that were not received whole.',
    labelNames: ['route'],
    registry,
  });

  return (staging, route) => ({
    stage: (bytes, options) => staging.stage(counted(bytes, received.with(route)), options),
  });
}

async function* counted(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, received: Count) {
  for await (const chunk of bytes) {
    received.add(chunk.byteLength);
    yield chunk;
  }
}
