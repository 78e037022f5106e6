import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryImgCache } from '../../fakes/memory-imgcache.js';
import { MemoryStaging, stageBytes } from '../../fakes/memory-staging.js';
import { type FormPart, multipartBody, multipartType } from '../../fakes/multipart-body.js';
import { type RawResponse, rawRequest } from '../../fakes/raw-request.js';
import { startWireServer, type WireServer } from '../../fakes/wire-server.js';

const MAX_UPLOAD_BYTES = 1_000_000;
const FIELDS: readonly FormPart[] = [
  { name: 'url', value: 'https://x.example/a.png' },
  { name: 'client_name', value: 'c' },
];

let imgcache: MemoryImgCache;
let staging: MemoryStaging;
let server: WireServer;

beforeEach(async () => {
  imgcache = new MemoryImgCache();
  staging = new MemoryStaging();
  server = await startWireServer({ imgcache, staging, maxUploadBytes: MAX_UPLOAD_BYTES });
});
afterEach(async () => {
  await server.close();
  expect(staging.open).toBe(0);
});

const file = (value: string | Buffer): FormPart => ({ name: 'file', value, filename: 'x' });

function post(parts: readonly FormPart[]): Promise<RawResponse> {
  const headers = { 'Content-Type': multipartType() };
  return rawRequest(server.url, {
    method: 'POST',
    target: '/imgcache/images',
    headers,
    body: multipartBody(parts),
  });
}

/** A request whose body is written by hand. */
function open(options: { agent?: Agent; headers?: Record<string, string | number> } = {}): ClientRequest {
  const headers = { 'Content-Type': multipartType(), ...options.headers };
  return request(`${server.url}/images`, { method: 'POST', ...options, headers }).on('error', () => {});
}

async function entries(): Promise<unknown[]> {
  const found = [];
  for await (const batch of imgcache.search({ order: 'OLDEST_FIRST' })) found.push(...batch);
  return found;
}

describe('a form', () => {
  it('is stored with the fields before and after the file', async () => {
    const { status, body } = await post([FIELDS[0]!, file('bytes'), FIELDS[1]!]);
    expect(status).toBe(201);
    expect(JSON.parse(body.toString())).toMatchObject({ url: 'https://x.example/a.png', client_name: 'c' });
  });

  it('with many files stores the last one and lets go of the others', async () => {
    const { body } = await post([...FIELDS, file('first'), file('second'), file('third')]);
    const { contentHash } = await stageBytes(Buffer.from('third'));
    expect(JSON.parse(body.toString())).toMatchObject({ content_hash: contentHash });
    expect(await entries()).toHaveLength(1);
  });

  it('whose last file is a field has no file', async () => {
    const { status, body } = await post([...FIELDS, file('first'), { name: 'file', value: 'text' }]);
    expect(status).toBe(422);
    expect(JSON.parse(body.toString())).toMatchObject({ detail: [{ type: 'value_error', input: 'text' }] });
  });

  it('ignores files and fields of other names, also of those that every object has', async () => {
    const others = ['other', '__proto__', 'constructor'].flatMap((name) => [
      { name, value: 'x' },
      { name, value: 'x', filename: 'y' },
    ]);
    expect((await post([...others, ...FIELDS, file('bytes'), ...others])).status).toBe(201);
  });

  it('says everything that is wrong with it, in the order of the fields', async () => {
    const { status, body } = await post([
      { name: 'lookup_time', value: 'yesterday' },
      { name: 'client_name', value: 'nul\0' },
      { name: 'url', value: 'x'.repeat(65_537) },
    ]);
    expect(status).toBe(422);
    expect(JSON.parse(body.toString())).toMatchObject({
      detail: [
        { type: 'missing', loc: ['body', 'file'] },
        { type: 'string_too_long', loc: ['body', 'url'], ctx: { max_length: 65_536 } },
        { type: 'value_error', loc: ['body', 'client_name'], input: 'nul\0' },
        { type: 'datetime_parsing', loc: ['body', 'lookup_time'], input: 'yesterday' },
      ],
    });
  });

  it.each([
    [65_536, 201],
    [65_537, 422],
  ])('with a URL of %i characters is answered with %i', async (length, status) => {
    expect((await post([{ name: 'url', value: 'x'.repeat(length) }, FIELDS[1]!, file('a')])).status).toBe(
      status,
    );
  });

  it.each([
    [1_048_576, 201],
    [1_048_577, 400],
  ])('with a field of %i bytes is answered with %i', async (length, status) => {
    const response = await post([...FIELDS, { name: 'other', value: 'x'.repeat(length) }, file('a')]);
    expect(response.status).toBe(status);
  });

  it('of more than a thousand fields, or files, is refused', async () => {
    const many = (part: FormPart) => [...FIELDS, file('a'), ...Array<FormPart>(1001).fill(part)];
    const fields = await post(many({ name: 'x', value: 'y' }));
    expect(fields.status).toBe(400);
    expect(fields.body.toString()).toBe('{"detail":"Too many fields. Maximum number of fields is 1000."}');
    const files = await post(many(file('b')));
    expect(files.body.toString()).toBe('{"detail":"Too many files. Maximum number of files is 1000."}');
  });

  it('that is urlencoded and too large is refused', async () => {
    const body = Buffer.from(`url=${'x'.repeat(2_000_000)}`);
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const response = await rawRequest(server.url, {
      method: 'POST',
      target: '/imgcache/images',
      headers,
      body,
    });
    expect(response.status).toBe(400);
  });

  it('gets 500 and leaves nothing when the staging fails', async () => {
    vi.spyOn(staging, 'stage').mockRejectedValue(new Error('the disk is full'));
    const { status, body } = await post([...FIELDS, file('a')]);
    expect(status).toBe(500);
    expect(body.toString()).toBe('{"detail":"Internal Server Error"}');
    expect(server.errors).toMatchObject([{ message: 'the disk is full' }]);
  });

  it('is let go of when the store fails', async () => {
    vi.spyOn(imgcache, 'store').mockRejectedValue(new Error('no'));
    expect((await post([...FIELDS, file('a')])).status).toBe(500);
  });
});

describe('a file that is too large', () => {
  it('is accepted with the last byte that is allowed, and refused with one more', async () => {
    expect((await post([...FIELDS, file(Buffer.alloc(MAX_UPLOAD_BYTES))])).status).toBe(201);
    const { status, body } = await post([...FIELDS, file(Buffer.alloc(MAX_UPLOAD_BYTES + 1))]);
    expect(status).toBe(413);
    expect(body.toString()).toBe('{"detail":"The image is larger than 1000000 bytes."}');
    expect(await entries()).toHaveLength(1);
  });

  it('leaves the connection to a client that sends everything before it reads', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = async (parts: FormPart[]): Promise<IncomingMessage> => {
      const outgoing = open({ agent });
      outgoing.end(multipartBody(parts));
      const [response] = await once(outgoing, 'response');
      await response.resume().toArray();
      return response;
    };
    const refused = await send([...FIELDS, file(Buffer.alloc(MAX_UPLOAD_BYTES * 1.5))]);
    const accepted = await send([...FIELDS, file('small')]);
    agent.destroy();
    expect([refused.statusCode, accepted.statusCode]).toEqual([413, 201]);
    expect(accepted.socket).toBe(refused.socket);
  });

  it('ends the connection when it does not end itself', async () => {
    const outgoing = open();
    outgoing.write(multipartBody([...FIELDS, file('')]).subarray(0, -60));
    const chunk = Buffer.alloc(65_536);
    const closed = new Promise((resolve) => outgoing.once('close', resolve));
    const pump = () => {
      while (!outgoing.destroyed && outgoing.write(chunk));
    };
    outgoing.on('drain', pump);
    pump();
    await closed;
    expect(await entries()).toEqual([]);
  });
});

describe('a client that goes', () => {
  it('in the middle of the file leaves nothing', async () => {
    const outgoing = open({ headers: { 'Content-Length': 900_000 } });
    outgoing.write(multipartBody([...FIELDS, file(Buffer.alloc(500_000))]).subarray(0, 400_000));
    await expect.poll(() => staging.open).toBe(1);
    outgoing.destroy();
    await expect.poll(() => staging.open).toBe(0);
    expect(await entries()).toEqual([]);
    expect(server.errors).toEqual([]);
  });

  it('in the middle of a field after the file leaves nothing', async () => {
    const outgoing = open({ headers: { 'Content-Length': 900_000 } });
    outgoing.write(multipartBody([file('whole'), { name: 'url', value: 'x' }]).subarray(0, -60));
    await expect.poll(() => staging.open).toBe(1);
    await wait(20);
    outgoing.destroy();
    await expect.poll(() => staging.open).toBe(0);
    expect(server.errors).toEqual([]);
  });

  it('when everything has arrived has stored it', async () => {
    const original = imgcache.store.bind(imgcache);
    const asked = new Promise<void>((resolve) => {
      vi.spyOn(imgcache, 'store').mockImplementation(async (...args) => {
        resolve();
        await wait(50);
        return original(...args);
      });
    });
    const outgoing = open();
    outgoing.end(multipartBody([...FIELDS, file('bytes')]));
    await asked;
    outgoing.destroy();
    await expect.poll(() => entries()).toHaveLength(1);
    expect(server.errors).toEqual([]);
  });
});

it('receives no faster than the staging takes', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  vi.spyOn(staging, 'stage').mockImplementation(async (bytes) => {
    await released;
    let size = 0;
    for await (const chunk of bytes) size += chunk.length;
    return stageBytes(Buffer.from(`${size}`));
  });
  const outgoing = open();
  const body = multipartBody([...FIELDS, file(Buffer.alloc(50_000_000))]);
  outgoing.end(body);
  await wait(300);
  const sent = outgoing.socket!.bytesWritten - outgoing.socket!.writableLength;
  expect(sent).toBeLessThan(20_000_000);
  release();
  const [response] = await once(outgoing, 'response');
  expect(response.statusCode).toBe(201);
});

describe('an answer before the end of the body', () => {
  it.each([
    ['a type that is no form', { 'Content-Type': 'image/png' }, 422],
    ['no boundary', { 'Content-Type': 'multipart/form-data' }, 400],
    ['another boundary', { 'Content-Type': multipartType('other') }, 400],
  ])('to %s leaves the connection usable', async (_, headers, status) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set();
    for (let round = 0; round < 3; round++) {
      const outgoing = open({ agent, headers });
      outgoing.end(multipartBody([...FIELDS, file(Buffer.alloc(800_000))]));
      const [response] = await once(outgoing, 'response');
      expect(response.statusCode).toBe(status);
      sockets.add(response.socket);
      await response.resume().toArray();
    }
    agent.destroy();
    expect(sockets.size).toBe(1);
  });
});
