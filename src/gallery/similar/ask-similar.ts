import type { LookalikeError } from '../../client/errors.js';
import { ask } from '../data/graph.js';
import { useQuery } from '../data/use-query.js';
import { SimilarEntriesDocument, SimilarImagesDocument, SimilarMatchesDocument } from '../generated.js';
import { keyOf, type Subject, toInput } from './subject.js';

/** What is asked of imgcache once: less is seen by leaving out what is farther. */
export const MAX_DISTANCE = 16;

/** The entries that look like a picture, by imgcache alone. */
export function useSimilarEntries(subject: Subject) {
  return useQuery({
    queryKey: ['similar', 'entries', ...keyOf(subject)],
    ...ASKED_ONCE,
    queryFn: async ({ signal }) => {
      const variables = { to: toInput(subject), maxHammingDistance: MAX_DISTANCE };
      return (await ask(SimilarEntriesDocument, variables, { signal })).similar;
    },
  });
}

/** The images that look like a picture, by VisualSnoop alone, and what failed of its collections. */
export function useSimilarImages(subject: Subject) {
  return useQuery({
    queryKey: ['similar', 'images', ...keyOf(subject)],
    ...ASKED_ONCE,
    queryFn: ({ signal }) =>
      withProblem((onPartial) =>
        ask(SimilarImagesDocument, { to: toInput(subject) }, { signal, onPartial }).then(
          ({ similar }) => similar,
        ),
      ),
  });
}

/** Both lists as one, and what failed of them. */
export function useMatches(subject: Subject) {
  return useQuery({
    queryKey: ['similar', 'matches', ...keyOf(subject)],
    ...ASKED_ONCE,
    queryFn: ({ signal }) => {
      const variables = { to: toInput(subject), maxHammingDistance: MAX_DISTANCE };
      return withProblem((onPartial) =>
        ask(SimilarMatchesDocument, variables, { signal, onPartial }).then(({ similar }) => similar),
      );
    },
  });
}

/** A picture is sent once for each list. */
const ASKED_ONCE = { staleTime: 5 * 60_000, retry: false } as const;

async function withProblem<Result>(
  send: (onPartial: (error: LookalikeError) => void) => Promise<Result>,
): Promise<{ result: Result; problem: LookalikeError | null }> {
  let problem: LookalikeError | null = null;
  const result = await send((error) => {
    problem = error;
  });
  return { result, problem };
}

/** Whether a service of a search could not be asked about the picture. */
export function doesNotApply(
  result: { searches: readonly { service: string; outcome: string }[] } | null | undefined,
  service: 'IMGCACHE' | 'VISUALSNOOP',
): boolean {
  const asked = result?.searches.filter((search) => search.service === service) ?? [];
  return asked.length > 0 && asked.every(({ outcome }) => outcome === 'NOT_APPLICABLE');
}
