import type { FormPart } from '../../fakes/multipart-body.js';
import { type Mutation, mutate } from './draft.js';
import type { Form } from './multipart.js';
import { short } from './variables.js';

/** Changes the parts of a form in their written form. */
export const mutateParts: Mutation<Form> = ({ parts }, random) => {
  if (random.chance(0.3)) return mutate(parts, OF_ALL, random);
  const part = random.pick(parts);
  return `part ${part.name}: ${mutate({ part, parts }, OF_ONE, random)}`;
};

const VALUES: readonly (string | Buffer)[] = [
  ...['', 'null', '1', '[]', '[[]]', '"x"', '{}', '{bad', '{"0":null}', '{"0":[null]}', '[null]', '\u0000'],
  ...[`${'['.repeat(50_000)}${']'.repeat(50_000)}`, 'x'.repeat(2_100_000)],
  Buffer.from([0xff, 0xfe, 0, 0xed, 0xa0, 0x80]),
];
const NAMES = ['', 'x', 'map', 'operations', 'a"b', 'x'.repeat(5000), '__proto__'];

const OF_ONE: readonly Mutation<{ part: FormPart; parts: FormPart[] }>[] = [
  ({ part }, random) => {
    part.value = random.pick(VALUES);
    return `is ${short(part.value.toString())}`;
  },
  ({ part }, random) => {
    part.name = random.pick(NAMES);
    return `named ${short(part.name)}`;
  },
  ({ part, parts }) => {
    parts.splice(parts.indexOf(part), 1);
    return 'left out';
  },
  ({ part, parts }) => `there ${parts.push(part)} times`,
  ({ part }) => {
    part.filename = 'x';
    return 'as a file';
  },
  ({ part }) => {
    delete part.filename;
    return 'as text';
  },
];

const OF_ALL: readonly Mutation<FormPart[]>[] = [
  (parts) => {
    parts.reverse();
    return 'parts in another order';
  },
  (parts, random) => {
    const name = random.pick(['x', '0', '', 'variables']);
    const isFile = random.chance(0.5);
    parts.unshift({ name, value: 'x', ...(isFile && { filename: 'x' }) });
    return `a ${isFile ? 'file' : 'text'} ${short(name)} before the others`;
  },
  ([operations]) => {
    if (operations) operations.value = `[${operations.value}]`;
    return 'a batch';
  },
  (parts) => {
    for (let n = 0; n < 1500; n++) parts.push({ name: `p${n}`, value: '' });
    return '1500 parts more';
  },
  (parts) => {
    for (let n = 0; n < 30; n++) parts.push({ name: `f${n}`, value: 'x', filename: 'x' });
    return '30 files more';
  },
];
