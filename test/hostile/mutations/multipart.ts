import { type FormPart, multipartBody, multipartType } from '../../fakes/multipart-body.js';
import type { Draft, Mutation } from './draft.js';
import type { Sent } from './headers.js';
import { hostileText } from './hostile-values.js';
import type { Random } from './random.js';
import { short } from './variables.js';
import { toJson } from './verbatim.js';

/** A multipart request before it is written. */
export interface Form {
  map: Record<string, unknown>;
  operations: FormPart;
  files: FormPart[];
}

/** As the specification of GraphQL multipart requests has it. */
export function formOf({ params, files }: Draft): Form {
  return {
    operations: { name: 'operations', value: toJson(params) },
    map: Object.fromEntries(files.map(({ path }, n) => [String(n), [`variables.${path}`]])),
    files: files.map(({ bytes }, n) => ({
      name: String(n),
      value: bytes,
      filename: `${n}.png`,
      type: 'image/png',
    })),
  };
}

/** @param lastPart mutations of the whole, with the map written */
export function writeForm(form: Form, random: Random | null): { sent: Sent; done: string[] } {
  const parts = [form.operations, { name: 'map', value: toJson(form.map) }, ...form.files];
  const done = random ? [mutateParts(parts, random)] : [];
  return {
    sent: {
      method: 'POST',
      target: '/graphql',
      headers: { 'content-type': multipartType(), 'apollo-require-preflight': '1' },
      body: multipartBody(parts),
    },
    done,
  };
}

const PATHS: readonly unknown[] = [
  ...[
    '',
    '.',
    'variables',
    'variables.',
    'query',
    'operationName',
    'extensions',
    'variables.nope',
    'variables.nope.deep',
  ],
  ...[
    'variables.input.image',
    'variables.input.image.upload',
    'variables.input.image.upload.x',
    'variables.input.image.base64',
  ],
  ...[
    'variables.__proto__.x',
    '__proto__.x',
    'constructor.prototype.x',
    'variables.to.length',
    'variables.0',
    '0.variables.file',
  ],
  ...[
    null,
    1,
    {},
    [],
    ['variables.file'],
    'x'.repeat(5000),
    `variables.${'a.'.repeat(5000)}a`,
    'variables.input.image.\u0000',
  ],
];

/** Changes which file goes where. */
export const mutateMap: Mutation<Form> = ({ map, files }, random) => {
  const path = random.pick(PATHS);
  const key = random.pick([...Object.keys(map), '0', '1', '9', '', '__proto__', hostileText(random)]);
  const [done, change] = random.pick<readonly [string, () => void]>([
    [`entry ${short(key)} is ${short(path)}`, () => (map[key] = path)],
    [`entry ${short(key)} is [${short(path)}]`, () => (map[key] = [path])],
    [`path ${short(path)} more`, () => (map[key] = [...[map[key] ?? []].flat(), path])],
    ['the same path twice', () => (map[key] = [...[map[key] ?? []].flat(), ...[map[key] ?? []].flat()])],
    ['entry of a part that is not there', () => (map.missing = ['variables.file'])],
    ['no entries', () => void Object.keys(map).forEach((name) => delete map[name])],
    ['many entries', () => void Array.from({ length: 30 }, (_, n) => (map[`m${n}`] = ['variables.file']))],
    ['no file', () => files.pop()],
    ['a file more', () => files.push({ name: 'more', value: Buffer.from('more'), filename: 'more' })],
    ['an empty file', () => files[0] && (files[0].value = Buffer.alloc(0))],
    ['a file too large', () => files[0] && (files[0].value = Buffer.alloc(1_100_000))],
    ['a file that is none', () => files[0] && delete files[0].filename],
    ['a file twice', () => files[0] && files.push(files[0])],
    ['a file of text', () => files[0] && (files[0].value = 'no picture')],
    [
      'a strange file name',
      () =>
        files[0] &&
        (files[0].filename = random.pick(['', '../../x', '\u0000', 'a"; x="', 'x'.repeat(5000), '😀\ud800'])),
    ],
    [
      'a strange type',
      () => files[0] && (files[0].type = random.pick(['', 'x', 'text/html; charset=x', 'x'.repeat(5000)])),
    ],
  ]);
  change();
  return `map: ${done}`;
};

/** Changes the parts, in their written form. */
function mutateParts(parts: FormPart[], random: Random): string {
  const part = random.pick(parts);
  const [done, change] = random.pick<readonly [string, () => void]>([
    ['in another order', () => parts.reverse()],
    [`${part.name} left out`, () => parts.splice(parts.indexOf(part), 1)],
    [`${part.name} twice`, () => parts.push(part)],
    [`${part.name} empty`, () => (part.value = '')],
    [
      `${part.name} of another name`,
      () => (part.name = random.pick(['', 'x', 'map', 'operations', 'a"b', 'x'.repeat(5000)])),
    ],
    [`${part.name} as a file`, () => (part.filename = 'x')],
    [`${part.name} not as a file`, () => delete part.filename],
    [`${part.name} of JSON that is none`, () => (part.value = '{bad')],
    [
      `${part.name} of other JSON`,
      () =>
        (part.value = random.pick([
          'null',
          '1',
          '[]',
          '[[]]',
          '"x"',
          '{}',
          '{"0":null}',
          '{"0":[null]}',
          '[null]',
        ])),
    ],
    [`${part.name} very deep`, () => (part.value = '['.repeat(50_000) + ']'.repeat(50_000))],
    [`${part.name} very long`, () => (part.value = 'x'.repeat(2_100_000))],
    [`${part.name} of broken text`, () => (part.value = Buffer.from([0xff, 0xfe, 0, 0xed, 0xa0, 0x80]))],
    ['a part before', () => parts.unshift({ name: random.pick(['x', '0', '', 'variables']), value: 'x' })],
    ['a file before', () => parts.unshift({ name: 'x', value: 'x', filename: 'x' })],
    ['a batch', () => (parts[0]!.value = `[${parts[0]!.value}]`)],
    [
      'many parts',
      () => void Array.from({ length: 1500 }, (_, n) => parts.push({ name: `p${n}`, value: '' })),
    ],
    [
      'many files',
      () =>
        void Array.from({ length: 30 }, (_, n) => parts.push({ name: `f${n}`, value: 'x', filename: 'x' })),
    ],
  ]);
  change();
  return `form: ${done}`;
}
