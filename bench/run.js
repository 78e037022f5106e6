/** Runs a benchmark: `npm run bench -- NAME [options]`. Without a name it lists them: each is a file beside this one. */
import { readdir } from 'node:fs/promises';
import { print } from './harness/report.js';

const files = await readdir(new URL('.', import.meta.url));
const names = files
  .filter((file) => file.endsWith('.js') && file !== 'run.js')
  .map((file) => file.slice(0, -3))
  .sort();
const [name, ...args] = process.argv.slice(2);

if (name === undefined) {
  print('npm run bench -- NAME [options]\n');
  for (const each of names) {
    const { description } = await import(`./${each}.js`);
    print(`  ${each.padEnd(10)} ${description}`);
  }
} else if (names.includes(name)) {
  const { run } = await import(`./${name}.js`);
  await run(args);
} else {
  print(`There is no benchmark ${name}, only: ${names.join(', ')}.`);
  process.exitCode = 2;
}
