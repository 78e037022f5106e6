import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFetchPicture } from '#src/commands/import/fetch-picture.js';
import { ItemError } from '#src/commands/import/item.js';
import { isPublic } from '#src/commands/import/public-agent.js';

const MAX_BYTES = 1000;
const NEVER = new AbortController().signal;

/** A server that counts what it is asked. */
class CountedServer {
  readonly asked: string[] = [];
  connections = 0;
  handle: RequestListener = (_req, res) => res.end('picture');
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((req, res) => {
      this.asked.push(req.url!);
      this.handle(req, res);
    });
    this.#server.on('connection', () => this.connections++);
  }

  static async listen(host: string): Promise<CountedServer> {
    const server = new CountedServer();
    server.#server.listen(0, host);
    await once(server.#server, 'listening');
    return server;
  }

  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `http://${address}:${port}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  reset(): void {
    this.asked.length = 0;
    this.connections = 0;
    this.handle = (_req, res) => res.end('picture');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

let folder: string;
/** One stands for the internet here, the other for a private network. */
let outside: CountedServer;
let inside: CountedServer;
let fetcher: ReturnType<typeof createFetchPicture>;
let guarded: ReturnType<typeof createFetchPicture>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookalike-fetch-'));
  outside = await CountedServer.listen('127.0.0.1');
  inside = await CountedServer.listen('127.0.0.2');
  const isAllowed = (address: string) => address === '127.0.0.1';
  fetcher = createFetchPicture({ folder, maxBytes: MAX_BYTES, isAllowed, timeoutMs: 10_000 });
  guarded = createFetchPicture({ folder, maxBytes: MAX_BYTES, isAllowed: isPublic });
});
afterAll(async () => {
  await fetcher.close();
  await guarded.close();
  await outside.close();
  await inside.close();
  await rm(folder, { recursive: true });
});
afterEach(async () => {
  outside.reset();
  inside.reset();
  // Nothing stays of what failed, or was disposed of.
  expect(await readdir(folder)).toEqual([]);
});

async function fetched(url: string): Promise<string> {
  const { path, dispose } = await fetcher.fetchPicture(url, NEVER);
  try {
    return readFileSync(path, 'utf8');
  } finally {
    await dispose();
  }
}

async function refusal(url: string, by = fetcher): Promise<string> {
  const error = await by.fetchPicture(url, NEVER).catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(ItemError);
  return (error as ItemError).message;
}

describe('fetching a picture', () => {
  it('gives the bytes', async () => {
    expect(await fetched(`${outside.url}/a.jpg`)).toBe('picture');
  });

  it('follows redirects, also relative ones, and not without end', async () => {
    outside.handle = (req, res) => {
      const next = { '/1': '/2', '/2': `${outside.url}/3`, '/round': '/round' }[req.url!];
      if (next) res.writeHead(302, { location: next });
      res.end('picture');
    };
    expect(await fetched(`${outside.url}/1`)).toBe('picture');
    expect(outside.asked).toEqual(['/1', '/2', '/3']);
    expect(await refusal(`${outside.url}/round`)).toContain('5 redirects');
  });

  it('refuses a private address before it connects', async () => {
    expect(await refusal(`${inside.url}/a`)).toContain('--allow-private');
    expect(inside.connections).toBe(0);
  });

  it('refuses one that a redirect leads to', async () => {
    outside.handle = (_req, res) => res.writeHead(301, { location: `${inside.url}/secret` }).end();
    expect(await refusal(`${outside.url}/a`)).toContain('127.0.0.2');
    expect(outside.asked).toEqual(['/a']);
    expect(inside.connections).toBe(0);
  });

  it('refuses a name by the address that it leads to', async () => {
    expect(await refusal(`http://localhost:${outside.port}/a`, guarded)).toContain('localhost');
    expect(outside.connections).toBe(0);
  });

  it.each(['http://2130706433', 'http://0x7f.1', 'http://[::1]', 'http://[::ffff:127.0.0.1]', 'http://0'])(
    'refuses %s, which is this machine',
    async (address) => {
      expect(await refusal(`${address}:${outside.port}/a`, guarded)).toContain('--allow-private');
      expect(outside.connections).toBe(0);
    },
  );

  it.each(['ftp://x.example/a', 'file:///etc/passwd', 'data:image/png;base64,AAAA', 'nothing'])(
    'refuses %s, which is not of the web',
    async (url) => {
      expect(await refusal(url)).toContain('http and https');
    },
  );

  it('refuses a redirect out of the web', async () => {
    outside.handle = (_req, res) => res.writeHead(302, { location: 'file:///etc/passwd' }).end();
    expect(await refusal(`${outside.url}/a`)).toContain('http and https');
  });

  it('refuses more bytes than allowed, said before or not', async () => {
    outside.handle = (_req, res) => res.end('x'.repeat(MAX_BYTES + 1));
    expect(await refusal(`${outside.url}/a`)).toContain(`${MAX_BYTES} bytes`);
    outside.handle = (_req, res) => {
      const write = () => res.write('x'.repeat(100)) && !res.destroyed && setImmediate(write);
      write();
    };
    expect(await refusal(`${outside.url}/endless`)).toContain(`${MAX_BYTES} bytes`);
    expect(outside.asked).toEqual(['/a', '/endless']);
    outside.handle = (_req, res) => res.end('x'.repeat(MAX_BYTES));
    expect(await fetched(`${outside.url}/b`)).toHaveLength(MAX_BYTES);
  });

  it('keeps Retry-After, for all of the host', async () => {
    let openAt: number | null = null;
    let early = 0;
    outside.handle = (_req, res) => {
      openAt ??= Date.now() + 900;
      if (Date.now() >= openAt) return res.end('picture');
      early++;
      return res.writeHead(429, { 'retry-after': '1' }).end();
    };
    expect(await refusal(`${inside.url}/other`)).toContain('private');
    const first = fetched(`${outside.url}/1`);
    await expect.poll(() => early).toBe(1);
    expect(await Promise.all([first, fetched(`${outside.url}/2`)])).toEqual(['picture', 'picture']);
    expect(early).toBe(1);
    expect(outside.asked.sort()).toEqual(['/1', '/1', '/2']);
  });

  it('does not wait for a host that wants to be left alone for long', async () => {
    outside.handle = (_req, res) => res.writeHead(503, { 'retry-after': '86400' }).end();
    expect(await refusal(`${outside.url}/a`)).toContain('503');
    expect(outside.asked).toEqual(['/a']);
  });

  it('tries again what broke off, and not what is refused', async () => {
    outside.handle = (req, res) => {
      if (req.url === '/gone') return res.writeHead(404).end();
      if (outside.asked.length > 1) return res.end('picture');
      res.writeHead(200, { 'content-length': '7' });
      res.write('pic', () => res.destroy());
    };
    expect(await fetched(`${outside.url}/cut`)).toBe('picture');
    expect(outside.asked).toEqual(['/cut', '/cut']);
    expect(await refusal(`${outside.url}/gone`)).toContain('404');
    expect(outside.asked).toEqual(['/cut', '/cut', '/gone']);
  });

  it('sends no credentials of a URL, and ends with its signal', async () => {
    let authorization: string | undefined = 'none was sent';
    outside.handle = (req, res) => {
      authorization = req.headers.authorization;
      res.end('picture');
    };
    expect(await fetched(outside.url.replace('//', '//me:secret@'))).toBe('picture');
    expect(authorization).toBeUndefined();
    outside.handle = () => {};
    const end = new AbortController();
    const fetching = fetcher.fetchPicture(`${outside.url}/slow`, end.signal);
    await expect.poll(() => outside.asked).toContain('/slow');
    end.abort(new Error('enough'));
    await expect(fetching).rejects.toThrow('enough');
  });
});

describe('a public address', () => {
  it.each(['93.184.215.14', '8.8.8.8', '2606:4700::1111', '172.32.0.1'])('is %s', (address) =>
    expect(isPublic(address)).toBe(true),
  );

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '64:ff9b::10.0.0.1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'ff02::1',
  ])('is not %s', (address) => expect(isPublic(address)).toBe(false));
});
