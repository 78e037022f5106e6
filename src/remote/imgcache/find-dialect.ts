import { Fault } from '../../calls/fault.js';
import type { CallSignal } from '../../services/call-signal.js';
import type { ImgCacheDialect } from '../../services/imgcache.js';
import type { ServiceClient } from '../http/client.js';
import { metaOf as inCache } from './cache/dialect.js';
import { metaOf as inImages } from './images/dialect.js';
import { get, isAbsence, NO_HASH, NOT_FOUND } from './requests.js';

const UNPROCESSABLE = '422';

/** What only an imgcache of each dialect says that it does not have. One that speaks both tells more in the older one. */
const QUESTIONS: readonly [ImgCacheDialect, string][] = [
  ['IMAGES', inImages(NO_HASH)],
  ['CACHE', inCache(NO_HASH)],
];

/**
 * Finds out which dialect the server at the address speaks.
 * @throws ServiceError, also where it speaks none
 */
export async function findDialect(
  client: ServiceClient,
  signal: CallSignal | undefined,
): Promise<ImgCacheDialect> {
  for (const [index, [dialect, path]] of QUESTIONS.entries()) {
    const isLast = index === QUESTIONS.length - 1;
    const speaks = await client.json(
      { ...get(path, [NOT_FOUND]), isNotFound: () => true },
      (value, { status }) => {
        if (status !== NOT_FOUND) throw new Error('The service has bytes with the content hash of none.');
        const absent = isAbsence(value);
        if (!absent && isLast) throw new Fault('NOT_THE_SERVICE');
        return absent;
      },
      signal,
    );
    if (speaks) return dialect;
  }
  throw new Error('The last question is answered or fails.');
}

/**
 * Whether a call may have failed because the server does not speak the dialect of the call. A Lookalike speaks both, and does not
 * take the name of a bucket where there are none.
 */
export function isOtherServer(error: unknown): boolean {
  if (!(error instanceof Error && error.cause instanceof Fault)) return false;
  const { kind, detail } = error.cause;
  return kind === 'NOT_THE_SERVICE' || (kind === 'REFUSED' && detail === UNPROCESSABLE);
}
