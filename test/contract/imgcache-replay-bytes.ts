import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { blake2b } from 'hash-wasm';
import sharp from 'sharp';
import type { PictureFacts } from '#src/services/staged-image.js';
import { NO_PICTURE } from '../fakes/memory-staging.js';
import { isEntry, type RecordedEntry, TRANSCRIPT } from './imgcache-transcript.js';

const CORPUS = fileURLToPath(new URL('../fixtures/corpus/', import.meta.url));

/** The bytes that are sent in place of those whose hash the transcript gives. */
export interface ReplayedBytes {
  bytes: Buffer;
  /** Differs from the recorded one when the bytes are a stand-in. */
  contentHash: string;
  facts: PictureFacts;
}

const CORPUS_FILES = new Map(
  Object.entries(
    (
      JSON.parse(readFileSync(`${CORPUS}golden.json`, 'utf8')) as {
        files: Record<string, { blake2b256: string }>;
      }
    ).files,
  ).map(([file, { blake2b256 }]) => [blake2b256, file]),
);

/**
 * What is sent, by the recorded hash. Of most bytes the transcript keeps no more than hash, size and facts: where the
 * corpus has the file, it is that; otherwise a stand-in of the same size which has the same facts.
 */
export const REPLAYED_BYTES: ReadonlyMap<string, ReplayedBytes> = await allReplayedBytes();

async function allReplayedBytes(): Promise<Map<string, ReplayedBytes>> {
  const all = new Map<string, ReplayedBytes>();
  for (const { body } of TRANSCRIPT)
    if (isEntry(body) && !all.has(body.content_hash)) all.set(body.content_hash, await replayedBytes(body));
  return all;
}

async function replayedBytes(recorded: RecordedEntry): Promise<ReplayedBytes> {
  const file = CORPUS_FILES.get(recorded.content_hash);
  const bytes = file ? readFileSync(CORPUS + file) : await standIn(recorded);
  if (bytes.length !== recorded.file_size_bytes)
    throw new Error(`${recorded.content_hash} needs ${recorded.file_size_bytes} bytes, not ${bytes.length}.`);
  const facts = {
    contentType: recorded.content_type,
    width: recorded.width,
    height: recorded.height,
    perceptualHash: recorded.perceptual_hash,
    problem: recorded.width === null ? NO_PICTURE.problem : null,
  };
  return { bytes, contentHash: await blake2b(bytes, 256), facts };
}

function standIn(recorded: RecordedEntry): Buffer | Promise<Buffer> {
  const { content_type, file_size_bytes, content_hash, perceptual_hash } = recorded;
  if (content_type === 'image/jpeg')
    return perceptual_hash === null
      ? readFileSync(`${CORPUS}photos/03-fig.jpg`).subarray(0, file_size_bytes)
      : jpegWithHash(recorded, perceptual_hash);
  const start = content_type === 'image/svg+xml' ? '<html><body><svg></svg></body></html>' : '';
  return Buffer.from(start + content_hash.repeat(100)).subarray(0, file_size_bytes);
}

/** A mosaic of nine by eight greys, each brighter than its left neighbour where the bit of the hash is set. */
async function jpegWithHash(recorded: RecordedEntry, perceptualHash: string): Promise<Buffer> {
  const { width, height, file_size_bytes } = recorded;
  const bits = BigInt(`0x${perceptualHash}`).toString(2).padStart(64, '0');
  const greys = Buffer.alloc(9 * 8);
  for (let row = 0; row < 8; row++) {
    let level = 128;
    for (let column = 0; column < 9; column++) {
      greys[row * 9 + column] = level;
      level += bits[row * 8 + column] === '1' ? 15 : -15;
    }
  }
  const jpeg = await sharp(greys, { raw: { width: 9, height: 8, channels: 1 } })
    .resize({ width: width!, height: height!, fit: 'fill', kernel: 'nearest' })
    .jpeg()
    .toBuffer();
  return withComments(jpeg, file_size_bytes);
}

/** Puts comments behind the start marker of a JPEG until it has the wanted size. */
function withComments(jpeg: Buffer, size: number): Buffer {
  const comments: Buffer[] = [];
  for (let left = size - jpeg.length; left > 0; left -= comments.at(-1)!.length) {
    const comment = Buffer.alloc(left > 60_000 ? 30_000 : left, ' ');
    comment.writeUInt16BE(0xfffe, 0);
    comment.writeUInt16BE(comment.length - 2, 2);
    comments.push(comment);
  }
  return Buffer.concat([jpeg.subarray(0, 2), ...comments, jpeg.subarray(2)]);
}
