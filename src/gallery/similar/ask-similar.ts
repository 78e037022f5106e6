import type { TypedDocument } from '../../client/document.js';
import type { LookalikeError } from '../../client/errors.js';
import { ask } from '../data/graph.js';
import { useQuery } from '../data/use-query.js';
import {
  type ServiceName,
  SimilarEntriesDocument,
  SimilarImagesDocument,
  SimilarMatchesDocument,
  type SimilarToInput,
  SimilarToUploadDocument,
} from '../generated.js';
import { keyOf, type Subject, toInput } from './subject.js';

/** What is asked of imgcache once: less is seen by leaving out what is farther. */
export const MAX_DISTANCE = 16;

/** The entries that look like a picture, by imgcache. */
export function useSimilarEntries(subject: Subject) {
  return useSimilar('entries', subject, SimilarEntriesDocument);
}

/** The images that look like a picture, by VisualSnoop. */
export function useSimilarImages(subject: Subject) {
  return useSimilar('images', subject, SimilarImagesDocument);
}

/** Both lists as one. */
export function useMatches(subject: Subject) {
  return useSimilar('matches', subject, SimilarMatchesDocument);
}

type Variables = { to: SimilarToInput; maxHammingDistance: number };

/**
 * A list of look-alikes, and what failed. Each list is asked for by itself, so that a service that is slow leaves the other
 * as it is; those of a picture that is on this page alone come together, as it is sent once.
 */
function useSimilar<Result>(
  list: string,
  subject: Subject,
  document: TypedDocument<{ similar: Result }, Variables>,
) {
  const isUpload = subject.kind === 'chosen';
  return useQuery({
    queryKey: ['similar', isUpload ? 'all' : list, ...keyOf(subject)],
    staleTime: 5 * 60_000,
    retry: false,
    queryFn: async ({ signal }): Promise<{ result: Result; problem: LookalikeError | null }> => {
      let problem: LookalikeError | null = null;
      const variables = { to: toInput(subject), maxHammingDistance: MAX_DISTANCE };
      const onPartial = (error: LookalikeError) => {
        problem = error;
      };
      // What an upload is asked for has each of the lists.
      const asked = (isUpload ? SimilarToUploadDocument : document) as typeof document;
      const { similar } = await ask(asked, variables, { signal, onPartial });
      return { result: similar, problem };
    },
  });
}

/** What a list of a response failed with, where others came; null where it did not. */
export function failureOf(
  problem: LookalikeError | null | undefined,
  list: 'entries' | 'images',
): Error | null {
  const failed = problem?.errors.find(({ path }) => path?.[1] === list);
  return failed ? new Error(failed.message) : null;
}

/** Whether a service of a search could not be asked about the picture. */
export function doesNotApply(
  result: { searches: readonly { service: string; outcome: string }[] } | null | undefined,
  service: ServiceName,
): boolean {
  const asked = result?.searches.filter((search) => search.service === service) ?? [];
  return asked.length > 0 && asked.every(({ outcome }) => outcome === 'NOT_APPLICABLE');
}
