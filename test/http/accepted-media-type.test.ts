import fc from 'fast-check';
import { expect, it } from 'vitest';
import { acceptedMediaType, GRAPH_MEDIA_TYPES } from '#src/http/accepted-media-type.js';

const JSON_TYPE = 'application/json';
const GRAPHQL = 'application/graphql-response+json';
const HTML = 'text/html';
const SSE = 'text/event-stream';
const OFFERED = [...GRAPH_MEDIA_TYPES, HTML] as const;

it.each([
  [undefined, JSON_TYPE],
  ['', JSON_TYPE],
  ['*/*', JSON_TYPE],
  ['*', null],
  ['application/*', JSON_TYPE],
  ['text/*', HTML],
  [`${GRAPHQL}, ${JSON_TYPE}`, GRAPHQL],
  [`${GRAPHQL},${JSON_TYPE};q=0.9`, GRAPHQL],
  [`${GRAPHQL}, application/graphql+json, ${JSON_TYPE}, ${SSE}, multipart/mixed`, GRAPHQL],
  [`multipart/mixed;deferSpec=20220824, ${GRAPHQL}, ${JSON_TYPE};q=0.9`, GRAPHQL],
  [`${JSON_TYPE};q=0.5, ${GRAPHQL};q=1`, GRAPHQL],
  [`${JSON_TYPE};q=0, ${GRAPHQL}`, GRAPHQL],
  [`${JSON_TYPE};q=0, */*;q=0.1`, GRAPHQL],
  ['*/*;q=0', null],
  [`${SSE}, ${JSON_TYPE}`, JSON_TYPE],
  [`${SSE}, ${JSON_TYPE};q=0.1`, SSE],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', HTML],
  [`${JSON_TYPE}, ${HTML};q=0.1`, JSON_TYPE],
  [`${JSON_TYPE}, ${HTML};q=0`, JSON_TYPE],
  [`${HTML};q=0`, null],
  ['image/png', null],
  [`${JSON_TYPE};charset=utf-8`, JSON_TYPE],
  [`${JSON_TYPE};charset="UTF-8"`, JSON_TYPE],
  [`${JSON_TYPE};charset=utf-16, ${GRAPHQL};q=0.1`, GRAPHQL],
  [`image/png;a=",${HTML},", ${JSON_TYPE};q=0.1`, JSON_TYPE],
  [`image/png;a="\\"${'\\"'.repeat(900)}`, null],
  [`${HTML}, ${'x/y,'.repeat(1000)}`, JSON_TYPE],
])('Of Accept: %s, %s is preferred', (accept, expected) => {
  expect(acceptedMediaType(accept, OFFERED)).toBe(expected);
});

const ranges = fc.uniqueArray(
  fc.record({
    type: fc.constantFrom(
      ...OFFERED,
      '*/*',
      'application/*',
      'text/*',
      'image/png',
      'image/*',
      'multipart/*',
    ),
    thousandths: fc.oneof(fc.constantFrom(0, 1, 999, 1000), fc.nat(1000)),
  }),
  { selector: ({ type }) => type, minLength: 1, maxLength: 8 },
);
type Ranges = typeof ranges extends fc.Arbitrary<infer T> ? T : never;
const space = fc.constantFrom('', ' ', '  ', '\t');
const style = fc.record({ space, upper: fc.boolean(), extra: fc.constantFrom('', ';a=b', ';a="x,y;q=0"') });

function print(given: Ranges, styles: readonly (typeof style extends fc.Arbitrary<infer T> ? T : never)[]) {
  return given
    .map(({ type, thousandths }, index) => {
      const { space = '', upper = false, extra = '' } = styles[index % styles.length] ?? {};
      const quality = thousandths === 1000 ? '' : `${space};${space}q=${thousandths / 1000}`;
      return `${space}${upper ? type.toUpperCase() : type}${extra}${quality}${space}`;
    })
    .join(',');
}

/** What RFC 9110 says of a type: the quality of the most specific range with it. */
function qualityOf(type: string, given: Ranges): number {
  const [main] = type.split('/');
  const range = [type, `${main}/*`, '*/*']
    .map((wanted) => given.find((range) => range.type === wanted))
    .find((range) => range !== undefined);
  return range?.thousandths ?? 0;
}

it('What is preferred has the greatest quality of all that is offered, however the header is written', () => {
  fc.assert(
    fc.property(ranges, fc.array(style, { minLength: 1, maxLength: 8 }), (given, styles) => {
      const best = Math.max(...OFFERED.map((type) => qualityOf(type, given)));
      const chosen = acceptedMediaType(print(given, styles), OFFERED);
      if (best === 0) expect(chosen).toBeNull();
      else expect(qualityOf(chosen!, given)).toBe(best);
    }),
    { numRuns: 2000 },
  );
});
