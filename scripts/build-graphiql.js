// Builds the page of GraphiQL into dist/graphiql, its files compressed beside them; nothing when it is up to date.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src/graphiql');
const target = join(root, 'dist/graphiql');
const stamp = join(target, '.inputs');

/** All that the built files depend on. */
function inputs() {
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash('sha256');
  for (const file of [fileURLToPath(import.meta.url), join(root, 'package-lock.json'), ...files])
    hash.update(file.slice(root.length)).update(readFileSync(file));
  return hash.digest('hex');
}

async function build() {
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
      chunkSizeWarningLimit: Number.POSITIVE_INFINITY,
      rolldownOptions: {
        input: join(source, 'index.tsx'),
        // Directives for servers that render React, which mean nothing here.
        onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
      },
    },
  });
}

/** Some seconds of work at the best level would bring a few per cent more. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 22 } };

async function compress() {
  for (const name of readdirSync(target).filter((name) => /\.(?:js|css)$/.test(name))) {
    const bytes = readFileSync(join(target, name));
    writeFileSync(join(target, `${name}.br`), await promisify(brotliCompress)(bytes, BROTLI));
    writeFileSync(join(target, `${name}.gz`), await promisify(gzip)(bytes, { level: 9 }));
  }
}

const wanted = inputs();
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  await build();
  await compress();
  writeFileSync(stamp, wanted);
}
