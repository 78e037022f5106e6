import { abortable } from '../calls/abortable.js';
import type { CallSignal } from '../services/call-signal.js';
import { StorageError } from '../services/storage-error.js';
import type { Blobs } from './blobs/blobs.js';
import type { Store } from './store/store.js';

/**
 * Resolves when rows and bytes can be read and written.
 * @throws StorageError or an error of the store
 */
export async function checkStorage(store: Store, blobs: Blobs, signal?: CallSignal): Promise<void> {
  signal?.throwIfAborted();
  const pinged = store.entries.ping();
  await (signal ? abortable(pinged, signal) : pinged);
  try {
    await blobs.probe(signal);
  } catch (cause) {
    signal?.throwIfAborted();
    // Its own message is for who runs the gateway: it names addresses and settings.
    throw new StorageError('its bytes cannot be reached', { code: 'UNAVAILABLE', retryable: true, cause });
  }
}
