import type { Entry } from '../../../services/entry.js';
import type { EntryOrigin, StoreStatus } from '../../../services/entry-origin.js';
import type { StagedImage } from '../../../services/staged-image.js';
import { type MultipartForm, multipartForm } from '../../http/multipart-form.js';
import { decodeStatus } from '../checked-values.js';
import { decodeEntry } from './entry-decoder.js';

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

/** The result of a store. */
export function toStored(value: unknown, isNew: boolean): { entry: Entry; status: StoreStatus } {
  return { entry: decodeEntry(value), status: decodeStatus(value, isNew) };
}

/** Whether an entry is that of an image. A Lookalike before an imgcache of the newer dialect names bytes by their BLAKE3. */
export async function isOf(image: StagedImage, { contentHash }: Entry): Promise<boolean> {
  return contentHash === image.contentHash || contentHash === (await image.blake3());
}
