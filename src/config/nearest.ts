import { suggestionList } from 'graphql/jsutils/suggestionList.js';

/** The known name that is most like a wrong one; undefined when none is. */
export function nearest(wrong: string, known: readonly string[]): string | undefined {
  return suggestionList(wrong, known)[0];
}
