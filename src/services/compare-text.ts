/** From U+D800 on, UTF-16 has units of surrogate pairs, which stand for the highest code points. */
const FROM_SURROGATES_ON = /[\ud800-\uffff]/;

/**
 * The one order of texts: by code point, as UTF-8 and the databases have it. Strings of JavaScript compare by UTF-16 code
 * unit instead, which is the same order, and faster, where either text stays below the surrogates.
 */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  if (!FROM_SURROGATES_ON.test(a)) return a < b ? -1 : 1;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const LAST_CODE_POINT = 0x10ffff;
const LAST_BEFORE_SURROGATES = 0xd7ff;
const FIRST_BEHIND_SURROGATES = 0xe000;

/** The least text that sorts behind all that begin with this one; null where there is none. */
export function textBehindPrefix(prefix: string): string | null {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  while (points.at(-1) === LAST_CODE_POINT) points.pop();
  const last = points.pop();
  if (last === undefined) return null;
  return String.fromCodePoint(
    ...points,
    last === LAST_BEFORE_SURROGATES ? FIRST_BEHIND_SURROGATES : last + 1,
  );
}
