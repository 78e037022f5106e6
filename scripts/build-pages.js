// Builds the pages for browsers, GraphiQL and the gallery, into dist/ with their files compressed beside them; nothing of a
// page that is up to date. With arguments only the pages of these names.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The folders in src/ that each page is made of: its own first, which its folder in dist/ is named after. */
const PAGES = [['graphiql'], ['gallery', 'client']];

const named = process.argv.slice(2);

for (const [page, ...others] of PAGES) {
  if (named.length > 0 && !named.includes(page)) continue;
  const target = join(root, 'dist', page);
  const stamp = join(target, '.inputs');
  const wanted = hashOfInputs([page, ...others]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) continue;
  await build(join(root, 'src', page), target);
  await compress(target);
  writeFileSync(stamp, wanted);
}

/** Of all that the built files depend on. */
function hashOfInputs(folders) {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, 'src', folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort(),
  );
  const hash = createHash('sha256');
  for (const file of [fileURLToPath(import.meta.url), join(root, 'package-lock.json'), ...files])
    hash.update(file.slice(root.length)).update(readFileSync(file));
  return hash.digest('hex');
}

async function build(source, target) {
  const { build } = await import('vite');
  await build({
    root: source,
    configFile: false,
    logLevel: 'warn',
    // Addresses within the files are relative, for gateways below a path of their host.
    base: './',
    worker: { format: 'es' },
    build: {
      outDir: target,
      emptyOutDir: true,
      assetsDir: '',
      manifest: 'manifest.json',
      target: 'es2022',
      // Those that know light-dark(), which older ones would need a longer form of.
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      chunkSizeWarningLimit: Number.POSITIVE_INFINITY,
      rolldownOptions: {
        input: join(source, 'index.tsx'),
        // Directives for servers that render React, which mean nothing here.
        onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
      },
    },
  });
}

async function compress(folder) {
  // Some seconds of work at the best level would bring a few per cent more.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 22 };
  for (const name of readdirSync(folder).filter((name) => /\.(?:js|css)$/.test(name))) {
    const bytes = readFileSync(join(folder, name));
    writeFileSync(join(folder, `${name}.br`), await promisify(brotliCompress)(bytes, { params }));
    writeFileSync(join(folder, `${name}.gz`), await promisify(gzip)(bytes, { level: 9 }));
  }
}
