import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signS3 } from '#src/embedded/blobs/s3/signing.js';
import { until } from './patience.js';
import { proxyConf, storageConf } from './swift-conf.js';

const PROGRAMS = [
  'swift-proxy-server',
  'swift-account-server',
  'swift-container-server',
  'swift-object-server',
  'swift-ring-builder',
  'memcached',
];

/** Whether OpenStack Swift is on this machine: a real server that speaks S3. */
export const hasSwift = PROGRAMS.every((program) => spawnSync('which', [program]).status === 0);

/** For the titles of tests that are skipped. */
export const NO_SWIFT =
  'no Swift here; apt-get install swift-proxy swift-account swift-container swift-object memcached';

const KINDS = ['account', 'container', 'object'] as const;

export const SWIFT_KEYS = { AWS_ACCESS_KEY_ID: 'test:tester', AWS_SECRET_ACCESS_KEY: 'testing' };

/** An S3 server, as those see it that only keep objects there. */
export class S3Server {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** For BLOBS_URL, which goes with SWIFT_KEYS. */
  blobsUrl(bucket: string, prefix = ''): string {
    return `s3://${bucket}/${prefix}?endpoint=${this.url}`;
  }

  /** Asks again while the servers behind the proxy come up. */
  async makeBucket(bucket: string): Promise<void> {
    let status = 0;
    const problem = () => `Swift made no bucket ${bucket}: ${status}.`;
    await until(async () => {
      status = await this.#putBucket(bucket);
      // The second try of one that was made although its response was a failure.
      if (status === 200 || status === 409) return true;
      if (status < 500) throw new Error(problem());
      return sleep(200, false);
    }, problem);
  }

  async #putBucket(bucket: string): Promise<number> {
    const request = {
      method: 'PUT',
      host: new URL(this.url).host,
      path: `/${bucket}`,
      query: {},
      headers: {},
    };
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = SWIFT_KEYS;
    const credentials = { accessKeyId, secretAccessKey, expiresAt: null };
    const { headers } = signS3({ ...request, region: 'us-east-1' }, credentials);
    const response = await fetch(`${this.url}/${bucket}`, { method: 'PUT', headers });
    await response.body?.cancel();
    return response.status;
  }
}

/** An S3 server of one replica on free ports of this machine, in a temporary folder. */
export class Swift extends S3Server implements AsyncDisposable {
  readonly #folder: string;
  readonly #port: number;
  readonly #children = new Map<string, ChildProcess>();
  readonly #killAll = () => {
    for (const child of this.#children.values()) child.kill('SIGKILL');
  };

  private constructor(folder: string, port: number) {
    super(`http://127.0.0.1:${port}`);
    this.#folder = folder;
    this.#port = port;
  }

  static async start(): Promise<Swift> {
    const folder = await mkdtemp(join(tmpdir(), 'lookalike-swift-'));
    const [proxy, memcached, ...others] = await freePorts(2 + KINDS.length);
    const swift = new Swift(folder, proxy!);
    process.prependOnceListener('exit', swift.#killAll);
    try {
      await swift.#configure(memcached!, others);
      swift.#run('memcached', [
        '-u',
        userInfo().username,
        '-l',
        '127.0.0.1',
        '-p',
        String(memcached),
        '-m',
        '16',
      ]);
      for (const kind of KINDS) swift.#run(`swift-${kind}-server`, [join(folder, `${kind}.conf`), '-v']);
      await swift.startProxy();
      return swift;
    } catch (error) {
      await swift[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What clients speak to; its state is all in the others. */
  async startProxy(): Promise<void> {
    this.#run('swift-proxy-server', [join(this.#folder, 'proxy.conf'), '-v']);
    const answers = () =>
      fetch(`${this.url}/healthcheck`).then(
        ({ ok }) => ok,
        () => sleep(100, false),
      );
    const log = join(this.#folder, 'swift-proxy-server.log');
    await until(answers, () => `Swift did not start:\n${readFileSync(log, 'utf8')}`);
  }

  async stopProxy(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.#stop('swift-proxy-server', signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#children.keys()].map((program) => this.#stop(program, 'SIGKILL')));
    process.off('exit', this.#killAll);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #configure(memcached: number, ports: readonly number[]): Promise<void> {
    const folder = this.#folder;
    mkdirSync(join(folder, 'dev', 'd1'), { recursive: true });
    for (const [index, kind] of KINDS.entries())
      writeFileSync(join(folder, `${kind}.conf`), storageConf({ kind, folder, port: ports[index]! }));
    buildRings(folder, ports);
    writeFileSync(join(folder, 'proxy.conf'), proxyConf({ folder, port: this.#port, memcached }));
  }

  #run(program: string, args: string[]): void {
    const log = openSync(join(this.#folder, `${program}.log`), 'a');
    const child = spawn(program, args, { stdio: ['ignore', log, log] });
    this.#children.set(program, child);
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
  }

  async #stop(program: string, signal: NodeJS.Signals): Promise<void> {
    const child = this.#children.get(program);
    this.#children.delete(program);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }
}

/** What swift-ring-builder does, of which each step would take a second. */
const RINGS = `
import sys
from swift.common.ring import RingBuilder
for argument in sys.argv[1:]:
    kind, port = argument.split(':')
    builder = RingBuilder(8, 1, 1)
    builder.add_dev(dict(region=1, zone=1, ip='127.0.0.1', port=int(port), device='d1', weight=1.0,
                         replication_ip='127.0.0.1', replication_port=int(port), meta=''))
    builder.rebalance()
    builder.get_ring().save(kind + '.ring.gz')
`;

function buildRings(folder: string, ports: readonly number[]): void {
  // The Python that Swift is installed for is in the first line of its programs.
  const program = spawnSync('which', ['swift-ring-builder'], { encoding: 'utf8' }).stdout.trim();
  const [python = ''] = readFileSync(program, 'utf8').split('\n', 1);
  const args = ['-c', RINGS, ...KINDS.map((kind, index) => `${kind}:${ports[index]}`)];
  const { status, stderr } = spawnSync(python.replace(/^#!\s*/, ''), args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The rings of Swift: ${stderr}`);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
