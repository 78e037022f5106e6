import { describe, expect, it } from 'vitest';
import { chipsOf, filterOf, orderOf } from '../../src/gallery/entries/filter.js';

const search = (text: string) => new URLSearchParams(text);

describe('the filter in an address', () => {
  it('holds all that the graph filters by', () => {
    const given = search(
      'q=a%25b&client=one&client=two&type=image/png&from=2026-01-02&before=2026-02-03&min=640&decoded=no&order=largest',
    );
    expect(filterOf(given)).toEqual({
      urlContains: 'a%b',
      clientNames: ['one', 'two'],
      contentTypes: ['image/png'],
      createdFrom: new Date('2026-01-02T00:00').toISOString(),
      createdBefore: new Date('2026-02-03T00:00').toISOString(),
      minWidth: 640,
      hasPerceptualHash: false,
    });
    expect(orderOf(given)).toBe('largest');
    expect(chipsOf(given).map(({ label }) => label)).toEqual([
      '“a%b”',
      'by one',
      'by two',
      'png',
      'since 2026-01-02',
      'before 2026-02-03',
      'at least 640 px wide',
      'not decoded',
    ]);
  });

  it('leaves out what is no date, no number and no order', () => {
    const given = search('q=%20&from=yesterday&min=-3&order=toString');
    expect(chipsOf(search('toString=1&valueOf=2&other=3'))).toEqual([]);
    expect(filterOf(given)).toEqual({});
    expect(orderOf(given)).toBe('newest');
  });
});
