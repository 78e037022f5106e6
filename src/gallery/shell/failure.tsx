import { wordsOf } from '../data/graph.js';

/** Says in a line of its own what could not be read, and tries again. */
export function Failure({ what, error, retry }: { what: string; error: unknown; retry(): void }) {
  return (
    <div class="failure" role="alert">
      <p>
        <strong>{what}</strong> {wordsOf(error)}
      </p>
      <button type="button" class="button" onClick={retry}>
        Retry
      </button>
    </div>
  );
}
