import type { Entry, EntryOrigin, StoreStatus } from '../../../services/imgcache.js';
import type { StagedImage } from '../../../services/staged-image.js';
import { type MultipartForm, multipartForm } from '../../http/multipart-form.js';
import { decodeEntry, decodeStatus } from './entry-decoder.js';

/** The form that stores an image, with its parts in the order of imgcache's own client. */
export function toForm(
  image: StagedImage,
  { url, clientName, lookupTime, filename = 'image' }: EntryOrigin,
): MultipartForm {
  const fields: [string, string][] = [
    ['url', url],
    ['client_name', clientName],
  ];
  // The service drops a zone without converting, so that it gets UTC without one.
  if (lookupTime !== undefined) fields.push(['lookup_time', lookupTime.replace('Z', '')]);
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
  image: StagedImage,
  value: unknown,
  isNew: boolean,
): { entry: Entry; status: StoreStatus } {
  const entry = decodeEntry(value);
  if (entry.contentHash !== image.contentHash) throw new Error('The service names another content hash.');
  return { entry, status: decodeStatus(value, isNew) };
}
