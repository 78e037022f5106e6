import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { blake2b } from 'hash-wasm';
import { describe, expect, it } from 'vitest';
import { MissingBlobError } from '#src/embedded/blobs/blobs.js';
import { LightSignal } from '#src/request/light-signal.js';
import { StorageError } from '#src/services/storage-error.js';
import {
  type Behaviour,
  closeAfter500,
  cutOff,
  html,
  neverAnswer,
  noise,
  redirect,
  resetBeforeHead,
} from '../../../fakes/faulty-server.js';
import { object, partOf, s3Error, stored, xml } from '../../../fakes/s3-behaviours.js';
import { authorizationOf } from '../../../fakes/s3-signature.js';
import { faultyS3, SECRET_KEY } from './faulty-s3.js';

const BYTES = randomBytes(300_000);
const HASH = await blake2b(BYTES, 256);
const PLACE = `${HASH.slice(0, 2)}/${HASH.slice(2, 4)}/${HASH}-0a1b2c`;

const slowDown = s3Error(503, 'SlowDown');
const cut: Behaviour = partOf(BYTES, 100_000, ({ socket }) => void socket.end());
const reset: Behaviour = partOf(BYTES, 100_000, ({ socket }) => void socket.resetAndDestroy());
const stalled: Behaviour = partOf(BYTES, 100_000, () => {});

/** What it fails with. */
async function failureOf(work: Promise<unknown>): Promise<StorageError> {
  const error = await work.then(
    () => new Error('It did not fail.'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StorageError);
  return error as StorageError;
}

const passing: [string, Behaviour][] = [
  ['503 SlowDown', slowDown],
  ['500', s3Error(500, 'InternalError')],
  ['502 without a word', html(502)],
  ['504', html(504)],
  ['429', html(429)],
  ['a connection that closes behind 500', closeAfter500],
  ['a reset connection', resetBeforeHead],
  ['a time-out of the server', s3Error(400, 'RequestTimeout')],
];

describe('what S3 fails with once', () => {
  it.each(passing)('does not fail a put: %s', async (_, behaviour) => {
    await using s3 = await faultyS3([behaviour, stored]);
    await using image = await s3.stage(BYTES);
    await s3.blobs.put(PLACE, image);
    const puts = s3.server.requests;
    // With 429 the body may never have been asked for; what was taken in the end is whole and signed.
    const last = puts.at(-1)!;
    expect(last.body.equals(BYTES)).toBe(true);
    expect(last.headers['content-length']).toBe(String(BYTES.length));
    expect(last.headers['x-amz-content-sha256']).toBe(createHash('sha256').update(BYTES).digest('hex'));
    expect(last.headers.authorization).toBe(authorizationOf(last, SECRET_KEY));
    expect(s3.calls).toMatchObject([
      { operation: 'PutObject', key: `pre/${PLACE}`, outcome: 'OK', tries: 2 },
    ]);
  });

  it.each(passing)('does not fail a read: %s', async (_, behaviour) => {
    await using s3 = await faultyS3([behaviour, object(BYTES)]);
    expect((await buffer(await s3.blobs.open(PLACE))).equals(BYTES)).toBe(true);
    expect(s3.calls).toMatchObject([{ operation: 'GetObject', outcome: 'OK', tries: 2 }]);
  });
});

describe('what S3 fails with again and again', () => {
  const lasting: [string, Behaviour, 'UNAVAILABLE' | 'TIMEOUT', boolean][] = [
    ['503 SlowDown', slowDown, 'UNAVAILABLE', true],
    ['500', s3Error(500, 'InternalError'), 'UNAVAILABLE', true],
    ['reset connections', resetBeforeHead, 'UNAVAILABLE', true],
    ['no response', neverAnswer, 'TIMEOUT', true],
    ['403', s3Error(403, 'AccessDenied'), 'UNAVAILABLE', false],
    ['a wrong signature', s3Error(403, 'SignatureDoesNotMatch'), 'UNAVAILABLE', false],
    ['no bucket', s3Error(404, 'NoSuchBucket'), 'UNAVAILABLE', false],
    [
      'a redirect',
      s3Error(301, 'PermanentRedirect', { headers: { 'x-amz-bucket-region': 'eu' } }),
      'UNAVAILABLE',
      false,
    ],
    ['a redirect to elsewhere', redirect, 'UNAVAILABLE', false],
    ['not being S3', html(200), 'UNAVAILABLE', false],
    ['not being there', html(404), 'UNAVAILABLE', false],
    ['not even HTTP', noise, 'UNAVAILABLE', false],
  ];
  it.each(lasting)('fails a call with one kind of error: %s', async (_, behaviour, code, retryable) => {
    await using s3 = await faultyS3([behaviour], { timeoutMs: 400 });
    await using image = await s3.stage(BYTES);
    for (const work of [() => s3.blobs.put(PLACE, image), () => s3.blobs.open(PLACE)]) {
      const error = await failureOf(work());
      expect(error).toMatchObject({ code, retryable });
      expect(error.message).toMatch(/^The object store [^\n]+\.$/);
      expect(error.message).not.toContain('127.0.0.1');
    }
    expect(new Set(s3.calls.map(({ outcome }) => outcome))).toEqual(new Set([code]));
  });

  it('is left alone for a while, and asked again then', async () => {
    await using s3 = await faultyS3([html(500)]);
    for (let calls = 0; calls < 6; calls++) await failureOf(s3.blobs.open(PLACE));
    const { length } = s3.server.requests;
    const error = await failureOf(s3.blobs.open(PLACE));
    expect(error.message).toContain('left alone');
    expect(s3.server.requests).toHaveLength(length);
    expect(s3.status().breaker).toBe('OPEN');
  });

  it('does not open the breaker by saying that it is too busy', async () => {
    await using s3 = await faultyS3([slowDown]);
    for (let calls = 0; calls < 6; calls++) await failureOf(s3.blobs.open(PLACE));
    expect(s3.status().breaker).toBe('CLOSED');
  });
});

describe('an object that comes wrong', () => {
  const wrong: [string, Behaviour, object][] = [
    ['cut short', cut, { name: 'StorageError', code: 'UNAVAILABLE' }],
    ['cut short by a reset', reset, { name: 'StorageError', code: 'UNAVAILABLE' }],
    ['stalled', stalled, { name: 'StorageError', code: 'TIMEOUT' }],
    ['with other bytes', object(randomBytes(BYTES.length)), { name: 'CorruptBlobError' }],
    ['with one bit changed', object(withLastBitChanged(BYTES)), { name: 'CorruptBlobError' }],
    ['shorter than it was, in good order', object(BYTES.subarray(0, 1000)), { name: 'CorruptBlobError' }],
    ['empty', object(Buffer.alloc(0)), { name: 'CorruptBlobError' }],
  ];
  it.each(wrong)('fails before its reader has all of it: %s', async (_, behaviour, expected) => {
    await using s3 = await faultyS3([behaviour], { timeoutMs: 300 });
    const stream = await s3.blobs.open(PLACE);
    let size = 0;
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
    });
    const error = await new Promise((resolve) => stream.once('error', resolve).once('end', resolve));
    expect(error).toMatchObject(expected);
    expect(error).toBeInstanceOf(StorageError);
    expect(size).toBeLessThan(BYTES.length);
    // Once its first byte is out nothing is tried again.
    expect(s3.server.requests).toHaveLength(1);
  });

  it.each([
    ['without a length', ({ response }) => void response.writeHead(200, { etag: '"e"' }).end('abc')],
    ['without a tag', ({ response }) => void response.writeHead(200, { 'content-length': '3' }).end('abc')],
    [
      'with a part that nobody asked for',
      object(BYTES.subarray(0, 10), { 'content-range': 'bytes 0-9/300000' }, 206),
    ],
  ] as [string, Behaviour][])('is refused: %s', async (_, behaviour) => {
    await using s3 = await faultyS3([behaviour]);
    await failureOf(s3.blobs.open(PLACE));
    expect(s3.status().running).toBe(0);
  });

  it.each([
    ['the whole', object(BYTES)],
    ['another part', object(BYTES.subarray(1, 11), { 'content-range': 'bytes 1-10/300000' }, 206)],
    ['less than the part', object(BYTES.subarray(0, 5), { 'content-range': 'bytes 0-4/5' }, 206)],
    [
      'a part that is not what it says',
      object(BYTES.subarray(0, 5), { 'content-range': 'bytes 0-9/300000' }, 206),
    ],
    ['no part', s3Error(416, 'InvalidRange')],
  ])('is refused in place of a range: %s', async (_, behaviour) => {
    await using s3 = await faultyS3([behaviour]);
    await failureOf(s3.blobs.open(PLACE, { start: 0, end: 9 }));
    expect(s3.server.requests[0]!.headers.range).toBe('bytes=0-9');
    expect(s3.status().running).toBe(0);
  });

  it('leaves nothing behind of a local file', async () => {
    await using s3 = await faultyS3([cut]);
    await failureOf(s3.blobs.localFile(PLACE));
    expect(readdirSync(s3.scratchDir)).toEqual(['incoming']);
  });

  it('is given to those who check it as it is, in a local file', async () => {
    await using s3 = await faultyS3([object(Buffer.from('other'))]);
    const file = await s3.blobs.localFile(PLACE);
    expect(readdirSync(s3.scratchDir)).toHaveLength(2);
    await file.dispose();
    expect(readdirSync(s3.scratchDir)).toEqual(['incoming']);
  });
});

describe('an object that is not there', () => {
  it('is missing only when S3 says so itself', async () => {
    await using s3 = await faultyS3([s3Error(404, 'NoSuchKey'), html(404), s3Error(403, 'AccessDenied')]);
    await expect(s3.blobs.open(PLACE)).rejects.toBeInstanceOf(MissingBlobError);
    await failureOf(s3.blobs.open(PLACE));
    const error = await failureOf(s3.blobs.open(PLACE));
    expect(String((error.cause as Error).cause)).toContain('GetObject: 403 AccessDenied No & no.');
    expect(s3.calls[0]).toMatchObject({ outcome: 'OK' });
  });

  it('has no size', async () => {
    await using s3 = await faultyS3([html(404), html(403), stored]);
    expect(await s3.blobs.sizeOf(PLACE)).toBeNull();
    await failureOf(s3.blobs.sizeOf(PLACE));
    expect(await s3.blobs.sizeOf(PLACE)).toBe(0);
  });

  it('need not be removed, and cannot be set aside', async () => {
    await using s3 = await faultyS3([s3Error(404, 'NoSuchKey')]);
    await s3.blobs.remove(PLACE);
    await expect(s3.blobs.setAside(PLACE)).rejects.toBeInstanceOf(MissingBlobError);
    expect(s3.server.requests.map(({ method }) => method)).toEqual(['DELETE', 'PUT']);
  });
});

describe('setting an object aside', () => {
  const copied = xml('<CopyObjectResult><ETag>"e"</ETag></CopyObjectResult>');

  it('copies it, and deletes it then', async () => {
    await using s3 = await faultyS3([copied, ({ response }) => void response.writeHead(204).end()]);
    const key = await s3.blobs.setAside(PLACE);
    const [copy, removal] = s3.server.requests;
    expect(copy).toMatchObject({ method: 'PUT', path: `/pictures/${key}` });
    expect(copy!.headers['x-amz-copy-source']).toBe(`/pictures/pre/${PLACE}`);
    expect(removal).toMatchObject({ method: 'DELETE', path: `/pictures/pre/${PLACE}` });
  });

  it('does not delete what failed to be copied, also where that began with 200', async () => {
    const failed = xml('<Error><Code>InternalError</Code><Message>x</Message></Error>');
    await using s3 = await faultyS3([failed, failed, failed, copied]);
    await failureOf(s3.blobs.setAside(PLACE));
    expect(s3.server.requests.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'PUT']);
  });
});

describe('the list', () => {
  const page = (keys: string[], next?: string) =>
    xml(
      `<ListBucketResult><IsTruncated>${next !== undefined}</IsTruncated>${next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`}${keys
        .map(
          (key) =>
            `<Contents><Key>${key}</Key><Size>1</Size><LastModified>2026-11-28T21:52:45.000Z</LastModified></Contents>`,
        )
        .join('')}</ListBucketResult>`,
    );
  const listOf = async (s3: Awaited<ReturnType<typeof faultyS3>>) => {
    const found = [];
    for await (const batch of s3.blobs.list()) found.push(...batch);
    return found;
  };

  it('goes on to the last page, and takes only what has the name of a place', async () => {
    const others = [
      `pre/set-aside/${PLACE}`,
      'pre/probe/x',
      'pre/readme.txt',
      `pre/${PLACE}/x`,
      `pre/${HASH}`,
    ];
    await using s3 = await faultyS3([
      page([`pre/${PLACE}`], 'a+/='),
      html(503),
      page(others, 'b'),
      page([`pre/${PLACE}d`]),
    ]);
    const modifiedAt = new Date('2026-11-28T21:52:45Z');
    expect(await listOf(s3)).toEqual([
      { place: PLACE, contentHash: HASH, modifiedAt },
      { place: `${PLACE}d`, contentHash: HASH, modifiedAt },
    ]);
    expect(s3.server.paths).toEqual([
      '/pictures?list-type=2&prefix=pre%2F',
      '/pictures?list-type=2&prefix=pre%2F&continuation-token=a%2B%2F%3D',
      '/pictures?list-type=2&prefix=pre%2F&continuation-token=a%2B%2F%3D',
      '/pictures?list-type=2&prefix=pre%2F&continuation-token=b',
    ]);
  });

  it.each([
    ['what is none', html(200)],
    ['a page that leads to itself', page([], 'same')],
    ['what was cut off', cutOff],
  ])('fails at %s', async (_, behaviour) => {
    await using s3 = await faultyS3([behaviour]);
    await failureOf(listOf(s3));
  });
});

describe('giving up', () => {
  it('ends a read that waits for its response', async () => {
    await using s3 = await faultyS3([neverAnswer]);
    const giving = new LightSignal();
    const reading = s3.blobs.open(PLACE, undefined, giving);
    await s3.server.received(1);
    giving.abort(new Error('gone'));
    await expect(reading).rejects.toThrow('gone');
    expect(s3.calls).toMatchObject([{ outcome: 'ABORTED' }]);
    expect(s3.status()).toMatchObject({ running: 0, breaker: 'CLOSED' });
  });

  it('ends a stream on its way', async () => {
    await using s3 = await faultyS3([stalled]);
    const giving = new LightSignal();
    const stream = await s3.blobs.open(PLACE, undefined, giving);
    const ended = new Promise((resolve) => stream.once('error', resolve));
    stream.resume();
    giving.abort(new Error('gone'));
    expect(await ended).toMatchObject({ message: 'gone' });
    expect(s3.status().running).toBe(0);
  });

  it('ends all calls when it is closed', async () => {
    await using s3 = await faultyS3([neverAnswer]);
    const reading = failureOf(s3.blobs.open(PLACE));
    await s3.server.received(1);
    await s3.close();
    expect((await reading).code).toBe('UNAVAILABLE');
  });

  it('does not give up an upload that gets on, however long it takes', async () => {
    await using s3 = await faultyS3([stored], { timeoutMs: 300 });
    await using image = await s3.stage(BYTES);
    const slowly = Object.assign(Object.create(image), { size: BYTES.length, stream: () => image.stream() });
    let opened = 0;
    // The first time it is read for its hash.
    slowly.stream = () => (opened++ === 0 ? image.stream() : trickle(BYTES));
    await s3.blobs.put(PLACE, slowly);
    expect(s3.server.requests[0]!.body.equals(BYTES)).toBe(true);
    expect(s3.calls).toMatchObject([{ outcome: 'OK', tries: 1 }]);
  });
});

function withLastBitChanged(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.at(-1)! ^ 1, changed.length - 1);
  return changed;
}

function trickle(bytes: Buffer) {
  return Readable.from(
    (async function* () {
      for (let at = 0; at < bytes.length; at += 30_000) {
        await sleep(100);
        yield bytes.subarray(at, at + 30_000);
      }
    })(),
  );
}
