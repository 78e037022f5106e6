import fs, { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { blake2b, createBLAKE2b } from 'hash-wasm';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { receive } from '#src/embedded/receive.js';
import { TooManyBytesError } from '#src/services/staged-image.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-receive-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Receives chunks into a file of its own. */
async function received(name: string, chunks: readonly Uint8Array[], maxBytes = Number.POSITIVE_INFINITY) {
  const path = join(folder, name);
  const fd = openSync(path, 'w');
  try {
    const hasher = (await createBLAKE2b(256)).init();
    const size = await receive(chunks, fd, [hasher], { maxBytes, signal: undefined });
    return { size, hash: hasher.digest('hex'), bytes: readFileSync(path) };
  } finally {
    closeSync(fd);
  }
}

const chunks = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 100_000 }), fc.nat({ max: 255 })).map(([length, value]) => {
    const chunk = Buffer.alloc(length);
    for (let at = 0; at < length; at += 97) chunk[at] = value;
    return chunk;
  }),
  { maxLength: 12 },
);

it('writes what came, however it came in parts and a disk takes a part of what is written', async () => {
  const original = fs.writev;
  let share = 1;
  const write = (fd: number, parts: NodeJS.ArrayBufferView[], done: () => void) =>
    original(fd, [some(parts, share)], done);
  vi.spyOn(fs, 'writev').mockImplementation(write as unknown as typeof fs.writev);
  syncBuiltinESMExports();
  await fc.assert(
    fc.asyncProperty(chunks, fc.double({ min: 0.3, max: 1, noNaN: true }), async (parts, taken) => {
      share = taken;
      const whole = Buffer.concat(parts);
      const { size, hash, bytes } = await received('parts', parts);
      expect(size).toBe(whole.length);
      expect(bytes.equals(whole)).toBe(true);
      expect(hash).toBe(await blake2b(whole, 256));
    }),
    { numRuns: 40 },
  );
});

function some(parts: readonly NodeJS.ArrayBufferView[], share: number): Buffer {
  const whole = Buffer.concat(parts as Uint8Array[]);
  return whole.subarray(0, Math.max(1, Math.floor(whole.length * share)));
}

it('writes a small picture at once, and of a large one as much as it holds at a time', async () => {
  const original = fs.writev;
  const written: number[] = [];
  const write = (fd: number, parts: Uint8Array[], done: () => void) => {
    written.push(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
    original(fd, parts, done);
  };
  vi.spyOn(fs, 'writev').mockImplementation(write as unknown as typeof fs.writev);
  syncBuiltinESMExports();
  const chunk = Buffer.alloc(64 * 1024, 1);
  await received('small', Array(3).fill(chunk));
  expect(written.splice(0)).toEqual([3 * chunk.length]);
  await received('large', Array(9).fill(chunk));
  expect(written.splice(0)).toEqual([4 * chunk.length, 4 * chunk.length, chunk.length]);
  await received('none', []);
  expect(written).toEqual([]);
});

it('lets many that stall hold no more than so much together', async () => {
  const chunk = Buffer.alloc(200 * 1024, 1);
  let goOn = () => {};
  const gone = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let held = 0;
  async function* stalling() {
    held += chunk.length;
    yield chunk;
    await gone;
  }
  const writev = vi.spyOn(fs, 'writev');
  syncBuiltinESMExports();
  const fds = Array.from({ length: 120 }, (_, index) => openSync(join(folder, `stalling-${index}`), 'w'));
  const limits = { maxBytes: Number.POSITIVE_INFINITY, signal: undefined };
  const all = fds.map((fd) => receive(stalling(), fd, [], limits));
  await expect.poll(() => held).toBe(fds.length * chunk.length);
  const writtenBytes = writev.mock.calls.length * chunk.length;
  expect(held - writtenBytes).toBeLessThanOrEqual(16 * 1024 * 1024);
  goOn();
  expect(await Promise.all(all)).toEqual(Array(fds.length).fill(chunk.length));
  for (const fd of fds) closeSync(fd);
});

it('refuses more bytes than it may take', async () => {
  const chunk = Buffer.alloc(10);
  await expect(received('many', [chunk, chunk], 19)).rejects.toThrow(TooManyBytesError);
  expect((await received('enough', [chunk, chunk], 20)).size).toBe(20);
});
