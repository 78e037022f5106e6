import type { JsonValue } from '../../../services/entry.js';
import { MAX_META_BYTES, metaProblem, prefixProblem } from '../../../services/entry-notes.js';
import type { Read } from '../form.js';

/** Where a client files an entry. The original makes folders of the names in it, which must not lead out of the bucket's. */
export function readPrefix(prefix: string): Read<string> {
  const problem = prefixProblem(prefix) ?? folderProblem(prefix);
  return problem === null ? { value: prefix } : { problem: `The prefix ${problem}` };
}

function folderProblem(prefix: string): string | null {
  if (prefix.includes('\\')) return 'must not have backslashes.';
  const names = prefix.split('/');
  if (names.includes('')) return 'must have names between its slashes, and at its ends.';
  return names.includes('.') || names.includes('..') ? 'must not have . or .. for a name.' : null;
}

/** What a client says of an entry, by its JSON. */
export function readMeta(text: string): Read<JsonValue> {
  if (Buffer.byteLength(text) > MAX_META_BYTES)
    return { problem: `The meta must have at most ${MAX_META_BYTES} bytes as JSON.` };
  const meta = parse(text);
  const problem = meta === undefined ? 'must be JSON.' : (metaProblem(meta) ?? valueProblem(meta));
  return problem === null ? { value: meta! } : { problem: `The meta ${problem}` };
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** Why a value would come back as another one; null when it would not. */
function valueProblem(value: JsonValue): string | null {
  if (typeof value === 'number')
    return Number.isFinite(value) ? null : 'must not have numbers beyond 1.8e308.';
  if (typeof value !== 'object' || value === null) return null;
  return (
    Object.values(value)
      .map(valueProblem)
      .find((problem) => problem !== null) ?? null
  );
}
