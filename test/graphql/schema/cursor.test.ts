import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeCursor, readCursor } from '#src/graphql/schema/cursor.js';
import { keyText, timeText } from '#src/graphql/schema/validation.js';

const place = z.tuple([timeText, keyText]);
const time = '2024-01-01T00:00:00.000000Z';

describe('a cursor', () => {
  it('is read as what it was made of, whatever the key is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const key = text.replaceAll('\0', '');
        expect(readCursor('after', encodeCursor(time, key), place)).toEqual([time, key]);
      }),
    );
  });

  it.each([
    ['of another list', encodeCursor('a')],
    ['with more in it', encodeCursor(time, 'a', 'b')],
    ['with another form of the time', encodeCursor('2024-01-01T00:00:00Z', 'a')],
    ['with a NUL', encodeCursor(time, 'a\0')],
    ['with half a surrogate pair', encodeCursor(time, '\ud800')],
    ['with a number', Buffer.from(JSON.stringify([time, 1])).toString('base64url')],
    ['that is null in JSON', Buffer.from('null').toString('base64url')],
    ['that is no JSON', 'x'],
    ['that is empty', ''],
  ])('%s is refused', (_, after) => {
    expect(() => readCursor('after', after, place)).toThrow('after must be a cursor of this list.');
  });
});
