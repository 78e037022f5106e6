import { type Mutation, mutate } from './draft.js';
import { hostileText } from './hostile-values.js';
import { type Form, partsOf } from './multipart.js';
import { short } from './variables.js';
import { MAX_UPLOAD_BYTES } from './world.js';

/** Changes which files there are, and where they go. */
export const mutateFiles: Mutation<Form> = (form, random) => {
  const done = mutate(form, random.chance(0.5) ? IN_MAP : IN_FILES, random);
  form.parts = partsOf(String(form.parts[0]!.value), form);
  return done;
};

const PATHS: readonly unknown[] = [
  ...['', '.', 'variables', 'variables.', 'query', 'operationName', 'extensions', 'variables.nope'],
  ...['variables.nope.deep', 'variables.input.image', 'variables.input.image.upload', 'variables.to.length'],
  ...['variables.input.image.upload.x', 'variables.input.image.base64', 'variables.input.image.\u0000'],
  ...['variables.url', 'variables.input.url', 'variables.a.clientName', 'variables.input.lookupTime'],
  ...['variables.__proto__.x', '__proto__.x', 'constructor.prototype.x', 'variables.0', '0.variables.file'],
  ...[null, 1, {}, [], ['variables.file'], 'x'.repeat(5000), `variables.${'a.'.repeat(5000)}a`],
];

const IN_MAP: readonly Mutation<Form>[] = [
  ({ map }, random) => {
    const key = random.pick([...Object.keys(map), '0', '1', '9', '', hostileText(random)]);
    const path = random.pick(PATHS);
    map[key] = random.pick([path, [path], [path], [...[map[key] ?? []].flat(), path]]);
    return `map ${short(key)} is ${short(map[key])}`;
  },
  ({ map }) => {
    for (const key of Object.keys(map)) map[key] = [map[key], map[key]].flat();
    return 'map has each path twice';
  },
  ({ map }) => {
    map.missing = ['variables.file'];
    return 'map names a part that is not there';
  },
  ({ map }) => {
    for (const key of Object.keys(map)) delete map[key];
    return 'map is empty';
  },
  ({ map }) => {
    for (let n = 0; n < 30; n++) map[`m${n}`] = ['variables.file'];
    return 'map names 30 parts';
  },
];

const NAMES = ['', '../../x', '\u0000', 'a"; x="', 'x'.repeat(5000), '😀\ud800', 'a\r\nb: c'];
const TYPES = ['', 'x', 'text/html; charset=x', 'x'.repeat(5000), 'multipart/mixed; boundary=a'];

const IN_FILES: readonly Mutation<Form>[] = [
  ({ files }) => (files.pop() ? 'a file left out' : null),
  ({ files }) => {
    files.push({ name: 'more', value: Buffer.from('more'), filename: 'more' });
    return 'a file more';
  },
  ({ files: [file] }, random) => {
    const [name, value] = random.pick([
      ['empty', Buffer.alloc(0)],
      ['too large', Buffer.alloc(MAX_UPLOAD_BYTES + 1)],
      ['of text', Buffer.from('no picture')],
    ] as const);
    if (file) file.value = value;
    return file ? `a file ${name}` : null;
  },
  ({ files: [file] }) => {
    if (file) delete file.filename;
    return file ? 'a file as text' : null;
  },
  ({ files }) => (files[0] ? `a file ${files.push(files[0])} times` : null),
  ({ files: [file] }, random) => {
    if (file) file.filename = random.pick(NAMES);
    return file ? `a file named ${short(file.filename)}` : null;
  },
  ({ files: [file] }, random) => {
    if (file) file.type = random.pick(TYPES);
    return file ? `a file of type ${short(file.type)}` : null;
  },
];
