import type { EntryRecord } from '../../services/entry-origin.js';
import type { StagedImage } from '../../services/staged-image.js';
import type { Item } from './item.js';

/** Of so many pictures with facts one is decoded nevertheless. */
const EVERY = 100;

/**
 * The facts that came with items: they are believed as long as those that are looked at are right, so that not all pictures
 * have to be decoded.
 */
export class KnownFacts {
  readonly #onNotice: (notice: string) => void;
  #count = 0;
  #isTrusted = true;

  constructor(onNotice: (notice: string) => void) {
    this.#onNotice = onNotice;
  }

  /** Undefined where the picture has to be decoded. */
  async of({ facts }: Item, image: StagedImage): Promise<EntryRecord['facts']> {
    if (!facts || !this.#isTrusted) return undefined;
    if (this.#count++ % EVERY !== 0) return facts;
    const { width, height, perceptualHash } = await image.facts();
    // What is not decoded here says nothing of what was decoded there.
    if (perceptualHash === null) return facts;
    if (perceptualHash === facts.perceptualHash && width === facts.width && height === facts.height)
      return facts;
    if (this.#isTrusted)
      this.#onNotice(
        `${image.contentHash} has another perceptual hash than was stored: all pictures are decoded from here on.`,
      );
    this.#isTrusted = false;
    return undefined;
  }
}
