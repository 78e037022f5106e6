// Bundles the built gateway with the packages that it runs on into dist/server, which starts in half the time of the
// modules; nothing when that is up to date.
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { noticesOf } from './notices.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'dist');
const target = join(modules, 'server');
const stamp = join(target, '.inputs');

/** Folders of dist/ that are no part of the command's own modules. */
const OTHERS = ['server', 'gallery', 'graphiql'];

/** Each becomes a file of its own: what is started, and what is started as a thread. */
const ENTRIES = [
  'main',
  'embedded/duplicates/duplicates-worker',
  'embedded/picture/picture-worker',
  'embedded/search/reader-worker',
  'embedded/search/visual-search-worker',
];

/**
 * What is not bundled: the dependencies of the package, which npm chooses for the machine, and what pg looks for and does
 * without. All else that the gateway runs on is bundled, and so is no dependency of those who install it.
 */
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const EXTERNAL = [...Object.keys(dependencies), 'pg-native'];

/** The command. */
const COMMAND = `#!/usr/bin/env node
import './server/main.js';
`;

/** The gateway's own modules, by their paths within dist/. */
function ownModules() {
  return readdirSync(modules, { recursive: true })
    .filter((name) => name.endsWith('.js') && name !== 'bin.js' && !OTHERS.includes(name.split(sep)[0]))
    .sort();
}

/** All that the bundle depends on. */
function inputs() {
  const hash = createHash('sha256');
  const others = ['scripts/build-server.js', 'scripts/notices.js', 'package.json', 'package-lock.json'];
  const files = [
    ...others.map((name) => join(root, name)),
    ...ownModules().map((name) => join(modules, name)),
  ];
  for (const file of files) hash.update(relative(root, file)).update(readFileSync(file));
  return hash.digest('hex');
}

/**
 * A chunk without characters beyond Latin-1, which stand in texts and comments: of a file with one of them Node keeps two
 * bytes for each character.
 */
function narrowed(code) {
  if (/\\[^\0-\xff]|String\.raw`[^`]*[^\0-\xff]/.test(code))
    throw new Error('A wide character cannot be escaped here.');
  return code.replace(/[^\0-\xff]/g, (wide) => `\\u${wide.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

async function build() {
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({
    input: Object.fromEntries(ENTRIES.map((name) => [name.split('/').at(-1), join(modules, `${name}.js`)])),
    platform: 'node',
    external: EXTERNAL,
    logLevel: 'warn',
    plugins: [{ name: 'narrow', renderChunk: narrowed }],
  });
  rmSync(target, { recursive: true, force: true });
  const { output } = await bundle.write({
    dir: target,
    format: 'esm',
    // Stack traces are to be read: names and lines stay, and each file's place is told in the bundle.
    minify: false,
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
  });
  await bundle.close();
  const chunks = output.filter(({ type }) => type === 'chunk');
  writeFileSync(
    join(target, 'THIRD-PARTY-NOTICES.txt'),
    noticesOf(chunks.flatMap(({ moduleIds }) => moduleIds)),
  );
}

const wanted = inputs();
const command = join(modules, 'bin.js');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  await build();
  writeFileSync(stamp, wanted);
}
writeFileSync(command, COMMAND);
chmodSync(command, 0o755);
