import { QueryClient } from '@tanstack/query-core';
import { LookalikeError } from '../../client/errors.js';

/** What was asked and answered, for all parts of the page. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // A gateway of one's own machine is there without a network.
      networkMode: 'always',
      retry: (count, error) => count < 1 && isPassing(error),
      // A list of a hundred thousand pictures is not compared with what it was.
      structuralSharing: false,
    },
  },
});

/** Whether an error may be gone a moment later. */
function isPassing(error: Error): boolean {
  return error instanceof LookalikeError && error.code === 'NETWORK_ERROR';
}
