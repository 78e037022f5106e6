import { open } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { ByteReader } from '#src/embedded/picture/byte-reader.js';
import { withFile } from './facts-of.js';

it('reads many bytes at once in time that grows with them, not with their square', async () => {
  const length = 32_000_000;
  const bytes = Buffer.alloc(length + 10, 'abcdefghij');
  await withFile(bytes, async (path) => {
    await using file = await open(path);
    const reader = new ByteReader(file.fd);
    reader.byte();
    const start = performance.now();
    const found = reader.bytes(length);
    // A block at a time, each behind a copy of those before, took five seconds.
    expect(performance.now() - start).toBeLessThan(1000);
    expect(found.equals(bytes.subarray(1, length + 1))).toBe(true);
    expect(reader.position).toBe(length + 1);
    expect(reader.bytes(9).toString()).toBe('bcdefghij');
    expect(() => reader.byte()).toThrow('ends too early');
  });
});
