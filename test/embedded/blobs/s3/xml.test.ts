import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseObjectPage } from '#src/embedded/blobs/s3/object-list.js';
import { childOf, parseXml, textOf } from '#src/embedded/blobs/s3/xml.js';

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

function escaped(text: string): string {
  return text.replace(
    /[&<>"'\p{Cc}\u{10000}-\u{10ffff}]/gu,
    (c) => ESCAPES[c] ?? `&#x${c.codePointAt(0)!.toString(16)};`,
  );
}

describe('the XML reader', () => {
  it('reads any text in any form of escape', () => {
    const text = fc.string({ unit: fc.constantFrom(...'&<>"\'aä日🙂;#x]\t\n '), maxLength: 40 });
    fc.assert(
      fc.property(text, text, (one, two) => {
        const cdata = two.includes(']]>') ? escaped(two) : `<![CDATA[${two}]]>`;
        const root = parseXml(
          `<?xml version="1.0"?>\n<a x="1"><b>${escaped(one)}</b><!-- - --><c>${cdata}</c></a>\n`,
        );
        expect([textOf(root, 'b'), textOf(root, 'c')]).toEqual([one, two]);
      }),
    );
  });

  it('reads thousands of entities in one document', () => {
    const items = '<i>&quot;&amp;&quot;</i>'.repeat(3_000);
    expect(parseXml(`<a>${items}</a>`).children.every(({ text }) => text === '"&"')).toBe(true);
  });

  it('reads a text that is longer than its buffer', () => {
    expect(parseXml(`<a>${'x'.repeat(200_000)}</a>`).text).toHaveLength(200_000);
  });

  it.each([
    ['nothing', ''],
    ['no XML', 'Not Found'],
    ['HTML', '<!DOCTYPE html><html><body><br></body></html>'],
    ['an element that is not closed', '<a><b></b>'],
    ['elements that cross', '<a><b></a></b>'],
    ['two roots', '<a/><b/>'],
    ['text outside of the root', '<a/>b'],
    ['an unknown entity', '<a>&nbsp;</a>'],
    ['an entity without an end', '<a>&amp</a>'],
    ['an attribute without quotes', '<a b=c/>'],
    ['an own entity', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['an entity from a file', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
    ['too many levels', `${'<a>'.repeat(20)}${'</a>'.repeat(20)}`],
  ])('refuses %s', (_, text) => {
    expect(() => parseXml(text)).toThrow();
  });

  it('takes one child where there must be one', () => {
    const root = parseXml('<a><b/><c/><c/></a>');
    expect(childOf(root, 'b').name).toBe('b');
    expect(() => childOf(root, 'c')).toThrow('a must have one c.');
    expect(() => childOf(root, 'd')).toThrow('a must have one d.');
  });
});

describe('a list of objects', () => {
  const object = (key: string) =>
    `<Contents><Key>${key}</Key><LastModified>2026-11-28T21:52:45.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>7</Size></Contents>`;
  const list = (inner: string) =>
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</ListBucketResult>`;

  it('is read with the way to the next page', () => {
    const token = '<NextContinuationToken>a+/=</NextContinuationToken>';
    expect(parseObjectPage(list(`<IsTruncated>true</IsTruncated>${token}${object('a&amp;b')}`))).toEqual({
      objects: [{ key: 'a&b', size: 7, modifiedAt: new Date('2026-11-28T21:52:45Z') }],
      next: 'a+/=',
    });
    expect(parseObjectPage(list('<IsTruncated>false</IsTruncated>'))).toEqual({ objects: [], next: null });
  });

  it.each([
    ['another document', '<Error><Code>x</Code></Error>'],
    ['a next page without a way to it', list('<IsTruncated>true</IsTruncated>')],
    ['not whether there is a next page', list(object('a'))],
    ['a size that is none', list(`<IsTruncated>false</IsTruncated>${object('a').replace('>7<', '>-7<')}`)],
    ['a time that is none', list(`<IsTruncated>false</IsTruncated>${object('a').replace('2026', 'x')}`)],
    ['no key', list('<IsTruncated>false</IsTruncated><Contents><Size>1</Size></Contents>')],
    ['what was cut off', list(`<IsTruncated>false</IsTruncated>${object('a')}`).slice(0, -20)],
  ])('is not made of %s', (_, text) => {
    expect(() => parseObjectPage(text)).toThrow();
  });
});
