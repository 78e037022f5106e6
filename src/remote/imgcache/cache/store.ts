import type { Entry } from '../../../services/entry.js';
import type { EntryOrigin, RefusedImage, StoreStatus } from '../../../services/entry-origin.js';
import type { StagedImage } from '../../../services/staged-image.js';
import { type MultipartForm, multipartForm } from '../../http/multipart-form.js';
import { decodeStatus } from '../checked-values.js';
import { decodeEntry } from './entry-decoder.js';

/** The form that stores an image, with its parts in the order of the service's own client. */
export function toForm(
  image: StagedImage,
  { url, clientName, filename = 'image', prefix, meta, lookupTime }: EntryOrigin,
  bucket: string,
  contentHash: string,
): MultipartForm {
  const fields: [string, string][] = [
    ['url', url],
    ['client_name', clientName],
    ['bucket', bucket],
    ['content_hash', contentHash],
  ];
  if (prefix) fields.push(['prefix', prefix]);
  if (meta !== undefined && meta !== null) fields.push(['meta', JSON.stringify(meta)]);
  // A Lookalike reads it, and the original does not.
  if (lookupTime !== undefined) fields.push(['lookup_time', lookupTime]);
  return multipartForm(fields, {
    name: 'file',
    filename,
    contentType: 'application/octet-stream',
    size: image.size,
    open: () => image.stream(),
  });
}

/**
 * The result of a store.
 * @throws Error when the service stored something else
 */
export function toStored(
  contentHash: string,
  value: unknown,
  isNew: boolean,
): { entry: Entry; status: StoreStatus } {
  const entry = decodeEntry(value);
  if (entry.contentHash !== contentHash) throw new Error('The service names another content hash.');
  return { entry, status: decodeStatus(value, isNew) };
}

const OTHER_BYTES = 'content_hash does not match uploaded content';
const NOT_AN_IMAGE = /^Rejected: content resolved to '.*', not an image\.$/s;

/** Why the service does not take an image, by the body of its response; null where that says something else. */
export function refusalOf(value: unknown): RefusedImage | null {
  const { detail } = (value ?? {}) as { detail?: unknown };
  if (detail === OTHER_BYTES) return 'OTHER_BYTES';
  return typeof detail === 'string' && NOT_AN_IMAGE.test(detail) ? 'NOT_AN_IMAGE' : null;
}
