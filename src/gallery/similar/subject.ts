import type { SimilarToInput } from '../generated.js';
import { type ChosenPicture, chosenPicture } from './choose.js';

/** The picture that look-alikes are asked of. */
export type Subject =
  | { kind: 'chosen'; picture: ChosenPicture }
  | { kind: 'entry'; contentHash: string }
  | { kind: 'image'; collectionId: string; imageId: string }
  | { kind: 'hash'; perceptualHash: string };

/** The subject of an address: `?picture=` names one of this page, `?to=` one of the gateway. Null where it names none. */
export function subjectOf(search: URLSearchParams): Subject | null {
  const [id, to] = [search.get('picture'), search.get('to') ?? ''];
  const picture = id === null ? null : chosenPicture(id);
  if (picture) return { kind: 'chosen', picture };
  if (/^[0-9a-f]{64}$/i.test(to)) return { kind: 'entry', contentHash: to.toLowerCase() };
  if (/^[0-9a-f]{16}$/i.test(to)) return { kind: 'hash', perceptualHash: to.toLowerCase() };
  const slash = to.indexOf('/');
  if (slash <= 0) return null;
  return { kind: 'image', collectionId: to.slice(0, slash), imageId: to.slice(slash + 1) };
}

export function toInput(subject: Subject): SimilarToInput {
  switch (subject.kind) {
    case 'chosen':
      return { image: { upload: subject.picture.file } };
    case 'entry':
      return { contentHash: subject.contentHash };
    case 'image':
      return { member: { collectionId: subject.collectionId, imageId: subject.imageId } };
    case 'hash':
      return { perceptualHash: subject.perceptualHash };
  }
}

/** Tells subjects apart. */
export function keyOf(subject: Subject): readonly string[] {
  switch (subject.kind) {
    case 'chosen':
      return ['chosen', subject.picture.id];
    case 'entry':
      return ['entry', subject.contentHash];
    case 'image':
      return ['image', subject.collectionId, subject.imageId];
    case 'hash':
      return ['hash', subject.perceptualHash];
  }
}
