// Checks that the folders of src/ import downwards only; says which imports do not, and fails then.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';

/** From the top. Each imports itself and the lines below it, but not its neighbours. */
const LAYERS = [
  ['main'],
  ['commands'],
  ['gateway'],
  ['open-services', 'metrics'],
  ['graphql', 'protocols', 'config'],
  ['http'],
  ['log', 'tracing'],
  ['access'],
  ['remote', 'embedded'],
  ['calls'],
  ['request'],
  ['services'],
];
/** The faces know the interfaces in services/, whichever implementation runs. */
const FORBIDDEN = { graphql: ['remote', 'embedded'], protocols: ['remote', 'embedded'] };
/** A library of its own, which imports nothing; commands that ask a running gateway use it as anybody does. */
const CLIENT = 'client';

/** Any path to a module in quotes: of an import of values or types, an export, a worker. */
const MODULE_PATH = /(['"`])((?:\.{1,2}|#src)\/[^'"`\n]+\.js)\1/g;

const root = resolve(process.argv[2] ?? 'src');
const wrong = sourceFiles(root).flatMap(wrongImports);
for (const line of wrong) process.stderr.write(`${line}\n`);
if (wrong.length > 0) process.exitCode = 1;

function sourceFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => resolve(folder, name))
    .sort();
}

function wrongImports(file) {
  const from = layerOf(file);
  return [...readFileSync(file, 'utf8').matchAll(MODULE_PATH)]
    .map(([, , path]) =>
      path.startsWith('#src/') ? resolve(root, path.slice('#src/'.length)) : resolve(dirname(file), path),
    )
    .filter((imported) => !mayImport(from, layerOf(imported)))
    .map((imported) => `${relative('', file)}: ${from} must not import ${relative(root, imported)}`);
}

function mayImport(from, to) {
  if (from === to) return true;
  if (to === CLIENT) return from === 'commands';
  if (from === CLIENT || FORBIDDEN[from]?.includes(to)) return false;
  return heightOf(from) < heightOf(to);
}

/** The folder in the root, or the file there without its ending. */
function layerOf(file) {
  const [name] = relative(root, file).split(sep);
  return name.replace(/\.[jt]s$/, '');
}

function heightOf(layer) {
  const height = LAYERS.findIndex((names) => names.includes(layer));
  if (height < 0) throw new Error(`${layer} has no layer in ${import.meta.filename}.`);
  return height;
}
