import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder, removeFolder } from './workspace.js';

const PROGRAM = '/usr/sbin/nginx';
const DEADLINE_MS = 10_000;

/** @returns {boolean} */
export function hasNginx() {
  try {
    accessSync(PROGRAM, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts nginx, as one process, on the files of a folder.
 *
 * @param {string} folder
 * @returns {Promise<import('./server.js').ServerProcess>}
 */
export async function startNginx(folder) {
  const [own, port] = [makeFolder(), await freePort()];
  const conf = join(own, 'nginx.conf');
  writeFileSync(conf, configuration(own, folder, port));
  const child = spawn(PROGRAM, ['-p', own, '-e', join(own, 'error.log'), '-c', conf], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  await untilItResponds(url);
  return {
    url,
    pid: child.pid,
    async stop() {
      const exit = once(child, 'exit');
      child.kill('SIGQUIT');
      await exit;
      removeFolder(own);
    },
  };
}

function configuration(own, root, port) {
  const kept = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
    daemon off; master_process off; pid ${own}/nginx.pid;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    events { worker_connections 256; }
    http {
      ${kept.map((name) => `${name}_temp_path ${own}/${name};`).join(' ')}
      access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; default_type image/jpeg;
      server { listen 127.0.0.1:${port}; root ${root}; }
    }`;
}

/** Of a port that was free a moment ago. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function untilItResponds(url) {
  for (const end = performance.now() + DEADLINE_MS; ; await sleep(20)) {
    const isUp = await fetch(url).then(
      async (response) => response.arrayBuffer(),
      () => null,
    );
    if (isUp) return;
    if (performance.now() > end) throw new Error('nginx does not respond.');
  }
}
