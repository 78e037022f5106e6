import type { JsonValue } from '../../../services/imgcache.js';
import { isStorable } from '../../../services/storable-text.js';
import type { Read } from '../form.js';

/** Bytes of what a client may say of an entry. */
export const MAX_META_BYTES = 64 * 1024;
/** How deep its brackets may be. */
const MAX_DEPTH = 100;

/** What a client says of an entry, by its text. */
export function readMeta(text: string): Read<JsonValue> {
  if (Buffer.byteLength(text) > MAX_META_BYTES)
    return { problem: `The meta has more than ${MAX_META_BYTES} bytes` };
  const meta = parse(text);
  if (meta === undefined) return { problem: 'The meta is not JSON' };
  const problem = problemOf(meta, MAX_DEPTH);
  return problem === null ? { value: meta } : { problem: `The meta ${problem}` };
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function problemOf(value: JsonValue, depth: number): string | null {
  if (typeof value === 'string')
    return isStorable(value) ? null : 'has texts with NUL, or with broken Unicode';
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'has numbers that are too large';
  if (typeof value !== 'object' || value === null) return null;
  if (depth === 0) return `has brackets more than ${MAX_DEPTH} deep`;
  for (const [key, item] of Object.entries(value)) {
    const problem = problemOf(key, depth) ?? problemOf(item, depth - 1);
    if (problem !== null) return problem;
  }
  return null;
}
