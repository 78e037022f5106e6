import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shortened } from '#src/services/shortened.js';

it('leaves a text of 200 characters as it is, and cuts a longer one at a character', () => {
  const character = fc.constantFrom('a', 'é', '\ufffd', '\u{1f600}');
  fc.assert(
    fc.property(fc.array(character, { maxLength: 450, size: 'max' }), (characters) => {
      const text = characters.join('');
      const expected = characters.length <= 200 ? text : `${characters.slice(0, 199).join('')}…`;
      expect(shortened(text)).toBe(expected);
    }),
    { examples: [[Array(200).fill('\u{1f600}')], [Array(201).fill('\u{1f600}')], [Array(201).fill('a')]] },
  );
});
