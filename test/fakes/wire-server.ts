import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { discardUnreadBody } from '#src/http/respond.js';
import { createImgCacheWire } from '#src/protocols/imgcache/handler.js';
import type { ImgCache } from '#src/services/imgcache.js';
import type { Staging } from '#src/services/staged-image.js';
import { alone } from '../harness/alone.js';

export const MOUNT = '/imgcache';

/** What a lookup of the longest URL takes when each of its characters is percent-encoded. */
const MAX_HEADER_BYTES = 262_144;

export interface WireServer {
  /** With the mount, without a slash at the end. */
  url: string;
  /** What was answered with 500. */
  errors: unknown[];
  close(): Promise<void>;
}

/** Serves an imgcache over the original's protocol on a free port. */
export async function startWireServer(options: {
  imgcache: ImgCache;
  staging: Staging;
  maxUploadBytes?: number;
}): Promise<WireServer> {
  const errors: unknown[] = [];
  const wire = alone(
    createImgCacheWire({
      maxUploadBytes: 100_000_000,
      onError: (error) => errors.push(error),
      ...options,
    }),
  );
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (req, res) => {
    discardUnreadBody(req, res);
    const [pathname = ''] = (req.url ?? '').split('?');
    void wire(req, res, pathname.slice(MOUNT.length));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${MOUNT}`,
    errors,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
