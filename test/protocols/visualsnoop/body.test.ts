import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatAuthorization } from '#src/services/visualsnoop-signature.js';
import { MemoryVisualSnoop } from '../../fakes/memory-visualsnoop.js';
import { picture } from '../../fakes/pictures.js';
import { DOCUMENTED_KEYS, VisualSnoopWireServer } from '../../fakes/visualsnoop-wire-server.js';

const maxUploadBytes = 300_000;
const png = await picture(1);
const upTo = (size: number) => Buffer.concat([png, Buffer.alloc(size - png.length)]);

let server: VisualSnoopWireServer;

beforeEach(async () => {
  const visualsnoop = new MemoryVisualSnoop();
  const collection = { collectionId: '6b7c9142', name: null, user: null };
  visualsnoop.addCollection({ collection, ...DOCUMENTED_KEYS });
  server = await new VisualSnoopWireServer(visualsnoop, visualsnoop, { maxUploadBytes }).listen();
});

afterEach(async () => {
  expect(server.staging.open).toBe(0);
  expect(server.errors).toEqual([]);
  await server.close();
});

/** The head of a signed request, up to its empty line. */
function head(method: string, target: string, headers: string[], keys = DOCUMENTED_KEYS): string {
  const path = VisualSnoopWireServer.mount + target;
  const date = new Date().toUTCString();
  const authorization = formatAuthorization({ method, path, date }, keys);
  const lines = [`Host: x`, `Date: ${date}`, `Authorization: ${authorization}`, ...headers];
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

async function openSocket(): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

describe('bodies', () => {
  it('come with a Content-Length or in chunks', async () => {
    expect((await server.send('POST', '/image/a', { body: upTo(maxUploadBytes) })).status).toBe(201);
    const chunks = Readable.from([png.subarray(0, 3), png.subarray(3), Buffer.alloc(100_000)]);
    expect((await server.send('POST', '/image/b', { body: chunks })).status).toBe(201);
  });

  it.each(['/image', '/image/a', '/search'])('POST %s is 413 beyond the limit', async (path) => {
    const tooLarge = upTo(maxUploadBytes + 1);
    for (const body of [tooLarge, Readable.from([tooLarge])]) {
      const { status, json } = await server.send('POST', path, { body });
      expect(status).toBe(413);
      expect(json).toEqual({ status: 413, message: expect.stringContaining('300000') });
    }
    expect((await server.send('GET', '/images')).json.images).toEqual([]);
  });

  it('of a length beyond the limit are refused before they are read', async () => {
    const socket = await openSocket();
    socket.write(head('POST', '/image', [`Content-Length: ${maxUploadBytes * 1000}`]));
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1.1 413 /);
    expect(server.staging.bytesRead).toBe(0);
    socket.destroy();
  });

  it('that never end are cut off after the response', async () => {
    const socket = await openSocket();
    const received: Buffer[] = [];
    socket.on('data', (data) => received.push(data)).on('error', () => {});
    socket.write(head('POST', '/nowhere', ['Transfer-Encoding: chunked']));
    const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
    const write = () => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', write);
    write();
    await new Promise((resolve) => socket.on('close', resolve));
    expect(Buffer.concat(received).toString()).toMatch(/^HTTP\/1.1 404 /);
  });
});

describe('a connection that is kept', () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  afterEach(() => agent.destroy());

  async function post(target: string, keys: typeof DOCUMENTED_KEYS, body: Buffer, chunked = false) {
    const path = VisualSnoopWireServer.mount + target;
    const date = new Date().toUTCString();
    const Authorization = formatAuthorization({ method: 'POST', path, date }, keys);
    const { port } = server;
    const outgoing = request({ port, method: 'POST', path, agent, headers: { Date: date, Authorization } });
    if (chunked) outgoing.write(body.subarray(0, 1));
    outgoing.end(chunked ? body.subarray(1) : body);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return { status: response.statusCode, body: await text(response), reused: outgoing.reusedSocket };
  }

  it('serves the next request at once after a body that was refused unread', async () => {
    const body = upTo(maxUploadBytes);
    const wrong = { ...DOCUMENTED_KEYS, secretKey: 'wrong' };
    const started = performance.now();
    expect(await post('/image/a', wrong, body)).toMatchObject({ status: 401 });
    expect(await post('/image/..', DOCUMENTED_KEYS, body)).toMatchObject({ status: 400, reused: true });
    expect(await post('/images', DOCUMENTED_KEYS, body)).toMatchObject({ status: 405, reused: true });
    for (const chunked of [false, true]) {
      const tooLarge = await post('/image/a', DOCUMENTED_KEYS, upTo(maxUploadBytes * 10), chunked);
      expect(tooLarge).toMatchObject({ status: 413, reused: true });
    }
    expect(await post('/image/a', DOCUMENTED_KEYS, body)).toMatchObject({ status: 201, reused: true });
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe('a client that leaves', () => {
  it('while it sends a body leaves nothing behind', async () => {
    const socket = await openSocket();
    socket.write(head('POST', '/image/a', ['Content-Length: 200000']));
    socket.write(png);
    await expect.poll(() => server.staging.bytesRead).toBe(png.length);
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await server.send('GET', '/images')).json.images).toEqual([]);
  });
});
