import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { FileBlobs } from '#src/embedded/blobs/file-blobs.js';
import { ReadBuffers } from '#src/embedded/blobs/read-buffers.js';
import { sendStream } from '#src/http/send-stream.js';
import { createStage } from '../embedded/blobs/stage.js';

/** Each file is one word again and again, so that bytes of another are seen wherever they stand. */
const SIZES = [12_000, 20_000, 100_000, 200_000, 262_144, 262_144, 300_000];

let folder: string;
let server: Server;
let port: number;
const files: { place: string; bytes: Buffer }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookalike-send-'));
  await mkdir(join(folder, 'blobs'));
  const blobs = new FileBlobs(join(folder, 'blobs'));
  const stage = await createStage(join(folder, 'incoming'));
  for (const [number, size] of [...SIZES, ...SIZES].entries()) {
    const bytes = Buffer.alloc(size, `file ${String(number).padStart(2, '0')}!`);
    await using image = await stage(bytes);
    await blobs.put(image.contentHash, image);
    files.push({ place: image.contentHash, bytes });
  }
  server = createServer(async (req, res) => {
    try {
      const place = basename(req.url!);
      const stream = await blobs.open(place);
      res.writeHead(200, { 'content-length': (await blobs.sizeOf(place))! });
      await sendStream(res, stream);
    } catch {
      res.destroy(); // The client of a stream has gone.
    }
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

interface Client {
  /** The files that it asks for at once on one connection: more of them than the system takes for a client that waits. */
  wanted: number[];
  /** How long it takes nothing, before its first byte and between two parts. */
  pauseMs: number;
  /** How many bytes it takes before it goes; null for one that stays. */
  goesAfter: number | null;
}

const someClient: fc.Arbitrary<Client> = fc.record({
  wanted: fc.array(fc.nat(SIZES.length * 2 - 1), { minLength: 1, maxLength: 60 }),
  pauseMs: fc.constantFrom(0, 1, 50),
  goesAfter: fc.option(fc.nat(8_000_000)),
});

/** What a client has received. */
async function receive({ wanted, pauseMs, goesAfter }: Client): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1');
  const last = wanted.length - 1;
  for (const [i, number] of wanted.entries())
    socket.write(
      `GET /${files[number]!.place} HTTP/1.1\r\nHost: x\r\n${i === last ? 'Connection: close\r\n' : ''}\r\n`,
    );
  await sleep(pauseMs);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of socket) {
    chunks.push(chunk);
    length += chunk.length;
    if (goesAfter !== null && length > goesAfter) break;
    if (pauseMs > 0 && length < 200_000) await sleep(1);
  }
  return Buffer.concat(chunks);
}

/** The bodies of responses that stand one behind the other, the last of which may be cut. */
function bodiesOf(received: Buffer): Buffer[] {
  const bodies: Buffer[] = [];
  for (let at = 0; at < received.length; ) {
    const end = received.indexOf('\r\n\r\n', at);
    if (end < 0) break;
    const head = received.subarray(at, end).toString();
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1]);
    at = end + 4;
    bodies.push(received.subarray(at, at + length));
    at += length;
  }
  return bodies;
}

it('No client gets bytes of another file, however slow others are and whenever they go', async () => {
  const take = vi.spyOn(ReadBuffers.prototype, 'take');
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(someClient, { minLength: 1, maxLength: 8 }), async (clients) => {
      const received = await Promise.all(clients.map(receive));
      for (const [i, { wanted, goesAfter }] of clients.entries()) {
        const bodies = bodiesOf(received[i]!);
        for (const [j, body] of bodies.entries()) {
          const { bytes } = files[wanted[j]!]!;
          const isWhole = goesAfter === null || j < bodies.length - 1;
          expect(body.equals(isWhole ? bytes : bytes.subarray(0, body.length))).toBe(true);
          sent++;
        }
      }
    }),
    { numRuns: 12 },
  );
  expect(sent).toBeGreaterThan(100);
  const taken = take.mock.results.map(({ value }) => value);
  expect(new Set(taken).size).toBeLessThan(taken.length / 2);
  take.mockRestore();
});
