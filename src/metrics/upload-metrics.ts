import { Counter, type Registry } from 'prom-client';
import type { RouteName } from '../http/route-name.js';
import type { Staging } from '../services/staged-image.js';

/** Wraps a staging so that it counts the bytes that it receives as those of a route. */
export type CountUploads = (staging: Staging, route: RouteName) => Staging;

export function createUploadMetrics(registry: Registry): CountUploads {
  const received = new Counter({
    name: 'lookalike_upload_bytes_total',
    help: 'Bytes of pictures received, also of those that were not received whole.',
    labelNames: ['route'],
    registers: [registry],
  });

  return (staging, route) => ({
    stage: (bytes, options) => staging.stage(counted(bytes, received.labels(route)), options),
  });
}

async function* counted(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, received: Counter.Internal) {
  for await (const chunk of bytes) {
    received.inc(chunk.byteLength);
    yield chunk;
  }
}
