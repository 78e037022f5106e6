import fc from 'fast-check';
import Database from 'libsql';
import { afterAll, describe, expect, it } from 'vitest';
import { compareText, textBehindPrefix } from '#src/services/compare-text.js';
import { awkwardText } from '../fakes/awkward-texts.js';

const anyText = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), maxLength: 4 });
const runs = { numRuns: 2_000 };

const database = new Database(':memory:');
afterAll(() => database.close());

describe('compareText', () => {
  it('has the order of SQLite', () => {
    const compare = database.prepare('select (? > ?) - (? < ?) as sign');
    fc.assert(
      fc.property(awkwardText, awkwardText, (a, b) => {
        const { sign } = compare.get(a, b, a, b) as { sign: number };
        expect(Math.sign(compareText(a, b))).toBe(sign);
      }),
      runs,
    );
  });

  it('sorts as the bytes of UTF-8 do', () => {
    fc.assert(
      fc.property(fc.array(awkwardText), (texts) => {
        const byBytes = texts.map((text) => Buffer.from(text)).sort(Buffer.compare);
        expect(texts.toSorted(compareText)).toEqual(byBytes.map(String));
      }),
      runs,
    );
  });

  it('is an order of all texts, with half pairs too', () => {
    const sign = (a: string, b: string) => Math.sign(compareText(a, b));
    fc.assert(
      fc.property(anyText, anyText, anyText, (...texts) => {
        const [a, b, c] = texts.toSorted(compareText) as [string, string, string];
        expect([sign(a, b), sign(b, c), sign(a, c)]).not.toContain(1);
        expect(sign(b, a) + sign(a, b)).toBe(0);
      }),
      runs,
    );
  });

  it.each([
    ['\ufffd', '\u{1f600}'],
    ['\uffff', '\u{10000}'],
    ['\ud7ff', '\u{10ffff}'],
    ['a\ue000', 'a\u{10000}'],
    ['a', 'a\u{1f600}'],
    ['', 'a'],
    ['\u{1f600}', '\u{1f600}\u{1f600}'],
  ])('puts %j before %j', (a, b) => {
    expect(compareText(a, b)).toBeLessThan(0);
    expect(compareText(b, a)).toBeGreaterThan(0);
    expect(compareText(a, a)).toBe(0);
  });
});

describe('textBehindPrefix', () => {
  it('is behind all texts that begin with it, and in front of all others behind them', () => {
    const unit = fc.constantFrom('a', 'b', 'z', '\ud7ff', '\ue000', '\uffff', '\u{1f600}', '\u{10ffff}');
    const text = fc.string({ unit, maxLength: 4 });
    fc.assert(
      fc.property(text, text, text, (prefix, rest, other) => {
        const behind = textBehindPrefix(prefix);
        const within = (each: string) =>
          compareText(each, prefix) >= 0 && (behind === null || compareText(each, behind) < 0);
        expect(within(prefix + rest)).toBe(true);
        expect(within(other)).toBe(other.startsWith(prefix));
      }),
      runs,
    );
  });
});
