import fc, { type Arbitrary } from 'fast-check';
import {
  type GraphQLInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { encodeCursor } from '#src/graphql/schema/cursor.js';
import { encodeGlobalId } from '#src/graphql/schema/global-id.js';
import { awkwardText } from './awkward-texts.js';

/** An argument of a field, as a variable or as a literal would bring it. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const NASTY_TEXTS = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\udc00a',
  '\ufffd',
  '\u{1f600}',
  '\u{1f600}'.repeat(101),
  'a'.repeat(9_000),
  'a\nb',
  '..',
  '%',
  '\\_%',
  '"',
  '__proto__',
  'constructor',
  'toString',
  'null',
];

const nastyText = fc.oneof(fc.constantFrom(...NASTY_TEXTS), awkwardText);
const cursor = fc.array(
  fc.oneof(
    nastyText,
    fc.constantFrom('2024-01-01T00:00:00.000000Z', '0'.repeat(64), 'LARGEST_FIRST', 'OLDEST_FIRST'),
  ),
  { maxLength: 3 },
);
const sizeCursor = fc
  .oneof(fc.integer(), fc.double(), fc.maxSafeInteger())
  .map((size) => encodeCursor('LARGEST_FIRST', size, '0'.repeat(64)));
const encoded = fc.oneof(
  cursor.map((parts) => encodeCursor(...parts)),
  sizeCursor,
  fc.json().map((text) => Buffer.from(text).toString('base64url')),
  fc.constantFrom('[', '{"0":').map((open) => Buffer.from(open.repeat(2_000)).toString('base64url')),
);
const globalId = fc
  .tuple(
    fc.constantFrom('Collection', 'Entry', 'Image', 'Node', '__proto__', ''),
    fc.oneof(
      nastyText,
      cursor.map((parts) => JSON.stringify(parts)),
      fc.json(),
    ),
  )
  .map(([type, key]) => encodeGlobalId(type as 'Entry', key));

const int = fc.oneof(
  fc.constantFrom(0, -0, -1, 1, 64, 65, 100, 101, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 1e30, 0.5),
  fc.integer({ min: 0, max: 64 }),
);
const text = fc.oneof(
  nastyText,
  encoded,
  fc.constantFrom('COLLECTION', 'a', 'PICTURE', 'https://x.example/', 'image/*', '[::1]'),
);

const SCALARS: Record<string, Arbitrary<Json>> = {
  String: text,
  ID: fc.oneof(nastyText, globalId, int),
  Int: int,
  Boolean: fc.boolean(),
  ContentHash: fc.oneof(
    nastyText,
    fc.constantFrom('0'.repeat(64), 'F'.repeat(64), 'f'.repeat(63), 'É'.repeat(64)),
  ),
  PerceptualHash: fc.oneof(nastyText, fc.constantFrom('0'.repeat(16), 'f'.repeat(16), `${'0'.repeat(16)}\n`)),
  DateTime: fc.oneof(
    nastyText,
    fc.constantFrom(
      '2024-01-01T00:00:00Z',
      '0000-01-01T00:00:00Z',
      '0001-01-01T00:00:00+23:59',
      '9999-12-31T23:59:59.999999-23:59',
      '2024-02-30T00:00:00Z',
      '2024-01-01T00:00:00.0000000001Z',
    ),
  ),
  Upload: fc.constantFrom<Json>(null, {}, 'file'),
};

/** Of another type than is asked for. */
const wrong: Arbitrary<Json> = fc.constantFrom<Json[]>(
  null,
  true,
  5,
  1e308,
  -0,
  '',
  [],
  [null],
  [[]],
  {},
  {
    toString: 'x',
  },
);

/**
 * Values for an input type: most of its shape, with what may go wrong in them. COLLECTION and PICTURE among them stand for
 * an id and for base64 that are right.
 */
export function hostileValue(type: GraphQLInputType): Arbitrary<Json> {
  const value = valueOfType(getNullableType(type));
  return fc.oneof(
    { weight: 12, arbitrary: value },
    { weight: isNonNullType(type) ? 1 : 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: wrong },
  );
}

function valueOfType(type: GraphQLInputType): Arbitrary<Json> {
  if (isListType(type)) {
    const item = hostileValue(type.ofType);
    return fc.oneof(
      { weight: 6, arbitrary: fc.array(item, { maxLength: 3 }) },
      { weight: 1, arbitrary: item.map((value) => Array<Json>(101).fill(value)) },
      { weight: 1, arbitrary: item },
    );
  }
  if (isEnumType(type))
    return fc.constantFrom(...type.getValues().map(({ name }) => name), '', 'NO_SUCH_VALUE');
  if (!isInputObjectType(type)) return SCALARS[type.toString()]!;
  const fields = Object.values(type.getFields());
  const values = Object.fromEntries(fields.map((field) => [field.name, hostileValue(field.type)]));
  // What is left out is absent, and not undefined.
  const some = (requiredKeys: string[]) => fc.record(values, { requiredKeys }) as Arbitrary<Json>;
  if (type.isOneOf)
    return fc.oneof(
      ...fields.map(({ name }) => values[name]!.map((value): Json => ({ [name]: value }))),
      some([]),
    );
  const required = fields.filter((field) => isNonNullType(field.type)).map(({ name }) => name);
  return fc.oneof({ weight: 6, arbitrary: some(required) }, { weight: 1, arbitrary: some([]) });
}

/** As it is written in a query. */
export function literal(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null)
    return Object.is(value, -0) ? '-0' : String(JSON.stringify(value));
  const fields = Object.entries(value).map(([name, field]) => `${name}: ${literal(field)}`);
  return `{ ${fields.join(', ')} }`;
}
