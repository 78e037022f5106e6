import { createBLAKE2b } from 'hash-wasm';

/** Answers each file with its content hash, in order; null for one that cannot be read. */
addEventListener('message', ({ data: file }: MessageEvent<File>) => {
  hashing = hashing.then(async () => postMessage(await hashOf(file).catch(() => null)));
});

let hashing = Promise.resolve();

/** BLAKE2b-256, as imgcache names bytes. No file is held in memory whole. */
async function hashOf(file: File): Promise<string> {
  const hash = await createBLAKE2b(256);
  const reader = file.stream().getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) hash.update(part.value);
  return hash.digest('hex');
}
