import type { Entry } from '../../services/entry.js';
import type { Timestamp } from '../../services/timestamp.js';
import type { Collection, ImageKey } from '../../services/visualsnoop.js';
import { builder } from './builder.js';

/** An image, as far as it was read: searches give no more than its key. */
export interface KnownImage extends ImageKey {
  imageTime?: Timestamp;
}

/** The types that refer to each other, each defined in the file of its name. */
export const EntryRef = builder.objectRef<Entry>('Entry');
export const CollectionRef = builder.objectRef<Collection>('Collection');
export const ImageRef = builder.objectRef<KnownImage>('Image');
