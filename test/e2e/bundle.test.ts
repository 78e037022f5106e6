import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../dist/server/', import.meta.url));
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.js'))
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

it('The bundle has no character for which Node keeps its text in twice the memory', () => {
  expect(files.length).toBeGreaterThan(10);
  const wide = files.filter(({ text }) => [...text].some((character) => character > '\xff'));
  expect(wide.map(({ name }) => name)).toEqual([]);
});

it('Only the threads that decode pictures load the decoder', () => {
  const loading = files.filter(({ text }) => /^import .*"sharp"|(?:import|require)\("sharp"\)/m.test(text));
  expect(loading.map(({ name }) => name)).toEqual(['picture-worker.js']);
  expect(
    files.filter(({ text }) => text.includes('from "./picture-worker.js"')).map(({ name }) => name),
  ).toEqual([]);
});
