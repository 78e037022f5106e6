// Builds again at every change of src/, and runs the newest build.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const compiler = fileURLToPath(import.meta.resolve('typescript/package.json')).replace(
  'package.json',
  'bin/tsc',
);
const run = (...args) => spawn(process.execPath, args, { stdio: 'inherit' });

const children = [
  run(compiler, '-p', '.', '--watch', '--preserveWatchOutput'),
  run('--watch-path=dist', '--watch-preserve-output', 'dist/main.js', 'serve', ...process.argv.slice(2)),
];
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const child of children) child.kill(signal);
  });
}
