import { createHash } from 'node:crypto';
import type { Draft, Mutation } from './draft.js';
import { hostileText, hostileValue } from './hostile-values.js';
import { short } from './variables.js';

/** Changes what stands beside the query and its variables, or their types. */
export const mutateParams: Mutation<Draft> = ({ params, world }, random) => {
  const [name, value] = random.weighted<readonly [string, unknown]>([
    [2, ['query', random.pick([undefined, null, 1, true, [], {}, ['{__typename}'], hostileText(random)])]],
    [
      2,
      [
        'variables',
        random.pick([undefined, null, 1, 'x', '{}', '{"first":1}', true, [], [1], [[]], hostileText(random)]),
      ],
    ],
    [1, ['variables', hostileValue(random, world)]],
    [
      2,
      [
        'operationName',
        random.pick([
          '',
          ' ',
          'nope',
          '__proto__',
          'constructor',
          0,
          false,
          [],
          {},
          null,
          hostileText(random),
        ]),
      ],
    ],
    [1, ['operationName', hostileValue(random, world)]],
    [
      2,
      [
        'extensions',
        random.pick([null, 1, 'x', '{}', true, [], {}, { http: { status: 500 } }, { code: 'X' }]),
      ],
    ],
    [3, ['extensions', { persistedQuery: persistedQuery(params.query, random.below(9)) }]],
    [1, ['extensions', hostileValue(random, world)]],
    [1, ['documentId', random.pick(['', 'x', `sha256:${'0'.repeat(64)}`, 1, null, {}])]],
    [
      1,
      [
        random.pick(['unknown', '', '__proto__', 'toJSON', 'then', hostileText(random)]),
        hostileValue(random, world),
      ],
    ],
  ]);
  if (name === '__proto__') Object.defineProperty(params, name, { value, enumerable: true });
  else params[name] = value;
  if (name === 'extensions' && random.chance(0.4)) delete params.query;
  return `${short(name)} is ${short(value)}`;
};

function persistedQuery(query: unknown, kind: number): unknown {
  const sha256Hash = createHash('sha256').update(String(query)).digest('hex');
  const kinds = [
    { version: 1, sha256Hash },
    { version: 1, sha256Hash: '0'.repeat(64) },
    { version: 2, sha256Hash },
    { version: 1, sha256Hash: 1 },
    { version: 1, sha256Hash: { toString: 1 } },
    { version: '1', sha256Hash: 'x'.repeat(5000) },
    { version: 1, sha256Hash: '__proto__' },
    null,
    'x',
  ];
  return kinds[kind];
}

/** Has the body be something other than one object of parameters. */
export const wrapParams: Mutation<{ json: string }> = (body, random) => {
  const { json } = body;
  const [name, changed] = random.pick<readonly [string, string]>([
    ['a batch', `[${json}]`],
    ['a batch of two', `[${json},${json}]`],
    ['an empty batch', '[]'],
    ['a batch of nothing', '[null]'],
    ['a text', JSON.stringify(json)],
    ['null', 'null'],
    ['a number', '1'],
    ['nothing', ''],
    ['cut off', json.slice(0, random.below(json.length))],
    ['with a comma at the end', `${json.slice(0, -1)},}`],
    ['with something behind', `${json}x`],
    ['with a mark before', `\ufeff${json}`],
    ['with white space around', ` \r\n\t${json}\n`],
    ['with a NUL', json.replace('{', '{\u0000')],
    ['with the query twice', json.replace('{', '{"query":"{__typename}",')],
    ['with the query twice, null at last', `${json.slice(0, -1)},"query":null}`],
    ['with the variables twice', `${json.slice(0, -1)},"variables":{"first":1}}`],
    ['with broken escapes', json.replace('"query":"', '"query":"\\ud800\\u0000')],
    ['with a wrong escape', json.replace('"query":"', '"query":"\\x')],
    ['very deep', '{"a":'.repeat(50_000) + json + '}'.repeat(50_000)],
    ['very long', `{"padding":"${'x'.repeat(2_100_000)}",${json.slice(1)}`],
  ]);
  body.json = changed;
  return `body ${name}`;
};
