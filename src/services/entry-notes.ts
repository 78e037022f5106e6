import type { JsonValue } from './entry.js';
import { isLine } from './storable-text.js';

/** Characters of a prefix. */
export const MAX_PREFIX_LENGTH = 1024;
/** Of `meta` as JSON. */
export const MAX_META_BYTES = 64 * 1024;
/** Levels of arrays and objects in `meta`. */
const MAX_META_DEPTH = 100;

/** What a client notes of an entry. */
export interface Notes {
  prefix?: string | null | undefined;
  meta?: JsonValue | undefined;
}

/** Why a text cannot be the prefix of an entry; null when it can. It names no folder here: any line will do. */
export function prefixProblem(prefix: string): string | null {
  if ([...prefix].length > MAX_PREFIX_LENGTH) return `must have at most ${MAX_PREFIX_LENGTH} characters.`;
  return isLine(prefix) ? null : 'must not have control characters or broken Unicode.';
}

/** Why something cannot be what a client notes of an entry; null when it can. */
export function metaProblem(meta: JsonValue): string | null {
  if (isDeeper(meta, MAX_META_DEPTH)) return `must have at most ${MAX_META_DEPTH} levels.`;
  const bytes = Buffer.byteLength(JSON.stringify(meta));
  return bytes > MAX_META_BYTES ? `must have at most ${MAX_META_BYTES} bytes as JSON.` : null;
}

/** Why the notes of a store cannot be kept, with the name of the one; null when they can. */
export function notesProblem({ prefix, meta }: Notes): string | null {
  const ofPrefix = typeof prefix === 'string' ? prefixProblem(prefix) : null;
  if (ofPrefix !== null) return `prefix ${ofPrefix}`;
  const ofMeta = meta === undefined ? null : metaProblem(meta);
  return ofMeta === null ? null : `meta ${ofMeta}`;
}

function isDeeper(value: JsonValue, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeper(each, levels - 1));
}
