import type { ImageKey, ImageMatch } from '../../services/visualsnoop.js';
import type { Picture } from '../store/image-rows.js';

/** What the main thread may ask of the visual search thread. */
export type VisualSearchCall =
  | { name: 'byIds'; keys: readonly ImageKey[]; limit: number }
  | { name: 'byPicture'; collectionId: string; picture: Picture; limit: number };

/** What each call is answered with. */
export interface VisualSearchAnswers {
  byIds: (ImageMatch[] | null)[];
  byPicture: ImageMatch[];
}
