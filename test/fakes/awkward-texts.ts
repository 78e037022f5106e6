import fc from 'fast-check';

/** Code points at the edges of what UTF-8, UTF-16 and the databases order differently, but for NUL and half pairs. */
const AWKWARD_CODE_POINTS = [
  0x01, 0x2f, 0x41, 0x61, 0x7f, 0x80, 0xe9, 0x301, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xf8ff, 0xfeff, 0xfffd,
  0xfffe, 0xffff, 0x10000, 0x10001, 0x1f600, 0xfffff, 0x10ffff,
];

const character = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(...AWKWARD_CODE_POINTS).map((point) => String.fromCodePoint(point)),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
);

/** Texts that a database can hold, with what sorts otherwise by code unit than by code point. */
export const awkwardText = fc
  .array(character, { maxLength: 6 })
  .map((characters) => characters.join(''))
  .filter((text) => text.isWellFormed() && !text.includes('\0'));
