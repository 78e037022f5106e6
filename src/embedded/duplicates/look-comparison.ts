import { KeypointIndex } from '../keypoints/keypoint-index.js';
import { decodeKeypoints, type Keypoints } from '../keypoints/keypoints.js';
import { type Descriptor, decodeDescriptor } from '../picture/descriptor.js';
import { mergedLikenesses, SURE_RANK } from '../search/query-plan.js';
import { VisualIndex } from '../search/visual-index.js';
import type { EntryLook } from '../store/looks.js';

/** How a picture looks. */
export interface Look {
  readonly descriptor: Descriptor;
  /** Null where there are none of the present version. */
  readonly keypoints: Keypoints | null;
}

/** Null where the descriptor cannot be read. */
export function decodeLook({ descriptor, keypoints }: EntryLook): Look | null {
  const decoded = decodeDescriptor(descriptor);
  return decoded && { descriptor: decoded, keypoints: keypoints && decodeKeypoints(keypoints) };
}

const KEY = 1;

/**
 * Compares two looks as the visual search does. How rare a keypoint is depends on the pictures that are searched, so that each
 * is searched for where the other one is alone: what is a pair depends on both alone.
 */
export class LookComparison {
  readonly #index = new VisualIndex();
  readonly #keypoints = new KeypointIndex();

  /** The greater of both ranks where each finds the other as a whole; else null. The same in both directions. */
  rankOf(one: Look, other: Look): number | null {
    const there = this.#search(one, other);
    const back = there === null ? null : this.#search(other, one);
    return there === null || back === null ? null : Math.max(there, back);
  }

  /** Frees its memory. It must not be used any more. */
  dispose(): void {
    this.#index.dispose();
    this.#keypoints.dispose();
  }

  #search(picture: Look, query: Look): number | null {
    this.#index.add(KEY, picture.descriptor);
    const [match] = this.#index.search(query.descriptor);
    if (!match || match.rank <= SURE_RANK) return match?.rank ?? null;
    if (!picture.keypoints || !query.keypoints) return null;
    this.#keypoints.add(KEY, picture.keypoints);
    const [confirmed] = mergedLikenesses([match], query.keypoints, this.#keypoints);
    return confirmed?.found === 'WHOLE' ? confirmed.rank : null;
  }
}
