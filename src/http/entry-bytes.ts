import type { RequestScope } from '../request/request-scope.js';
import type { Entry } from '../services/entry.js';
import { ServiceError } from '../services/errors.js';
import type { ImgCache } from '../services/imgcache.js';
import type { LastingBytes } from './bytes.js';

/** How the bytes of an entry are opened for a request: within its time; how long the rest takes is up to the client. */
export function entryOpener(imgcache: ImgCache, entry: Entry, scope: RequestScope): LastingBytes['open'] {
  return async (range) => {
    const bytes = await imgcache.getBytes(entry.contentHash, range, scope.reads('IMGCACHE'), entry);
    scope.liftDeadline();
    if (!bytes) throw new Error(`The bytes of ${entry.contentHash} are gone.`);
    if (bytes.fileSizeBytes === entry.fileSizeBytes) return bytes.stream;
    bytes.stream.destroy();
    throw otherBytes();
  };
}

/** The error for bytes of another length than announced: the client would wait for ever, or take a part for the whole. */
function otherBytes(): ServiceError {
  const message = 'imgcache gave bytes of another length than it had told.';
  return new ServiceError(message, { service: 'IMGCACHE', code: 'BAD_RESPONSE', retryable: false });
}
