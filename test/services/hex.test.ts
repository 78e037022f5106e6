import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isHex } from '#src/services/hex.js';

const length = fc.nat(20);
const nearHex = fc.string({ unit: fc.constantFrom(...'0123456789abcdefABFg/:`\n\0é１'), maxLength: 20 });

it('is text of so many lower-case hex digits, and no other', () => {
  fc.assert(
    fc.property(fc.oneof(nearHex, fc.string({ unit: 'binary' })), length, (text, length) => {
      expect(isHex(text, length)).toBe(new RegExp(`^[0-9a-f]{${length}}$`).test(text));
      expect(isHex(text, text.length)).toBe(/^[0-9a-f]*$/.test(text));
    }),
  );
});

it('has every digit at every place', () => {
  const digits = '0123456789abcdef';
  for (let i = 0; i < 16; i++) expect(isHex(digits.slice(i) + digits.slice(0, i), 16)).toBe(true);
});
