import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canMount, type GatewayProcess, startGatewayProcess } from './gateway-process.js';
import { createSender, type Sender, WAYS } from './ways.js';

const MOUNTS = canMount();
if (!MOUNTS) process.stdout.write('No file system can be mounted here: the full disk is not tested.\n');

/** A picture of noise, so that its bytes cannot be packed; another one at each call. */
function picture(side: number): Promise<Buffer> {
  const raw = { width: side, height: side, channels: 3 as const };
  return sharp(randomBytes(side * side * 3), { raw })
    .png({ compressionLevel: 0 })
    .toBuffer();
}

describe.skipIf(!MOUNTS)('on a full disk', () => {
  let gateway: GatewayProcess;
  let sender: Sender;
  const filler = () => join(gateway.root + gateway.dataDir, 'filler');
  const storedFiles = () =>
    readdirSync(join(gateway.root + gateway.dataDir, 'blobs'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);

  /** Leaves so many bytes of the disk free. */
  function fill(left: number): void {
    rmSync(filler(), { force: true });
    try {
      for (;;) writeFileSync(filler(), Buffer.alloc(65_536), { flag: 'a' });
    } catch {
      // Full: every last page.
    }
    if (left > 0) truncateSync(filler(), Math.max(0, statSync(filler()).size - left));
  }

  beforeAll(async () => {
    gateway = await startGatewayProcess({}, 8);
    sender = await createSender(gateway.url);
  });
  afterAll(() => gateway?.stop());

  // A picture takes 327 000 bytes: with 336 000 there is room for it, but not for its row or a second copy.
  for (const left of [0, 4096, 100_000, 300_000, 336_000]) {
    it(`with ${left} bytes left, uploads fail and say so, nothing stays, and reads go on`, async () => {
      const before = storedFiles();
      fill(left);
      const outcomes = [];
      for (const way of WAYS) outcomes.push(await sender.send(way, await picture(330)));
      process.stdout.write(
        `${left} bytes left: ${outcomes.map(({ status, says }) => `${status} ${says}`).join(' | ')}\n`,
      );
      expect(outcomes.map(({ status }) => status)).toEqual([200, 200, 507, 507]);
      expect(outcomes.slice(0, 2).map(({ says }) => says)).toEqual(['STORAGE_FULL', 'STORAGE_FULL']);
      await gateway.untilTidy();
      expect(storedFiles()).toEqual(before);
      expect((await fetch(`${gateway.url}/imgcache/images/search?url_contains=x`)).status).toBe(200);
      expect((await fetch(`${gateway.url}/ready`)).status).toBe(200);
    });
  }

  it('small rows that do not fit fail too, and once there is room everything is stored again', async () => {
    fill(0);
    const small = await sharp(randomBytes(27), { raw: { width: 3, height: 3, channels: 3 } })
      .png()
      .toBuffer();
    expect((await sender.send('imgcache', small)).status).toBe(507);
    rmSync(filler());
    for (const way of WAYS) {
      const { status } = await sender.send(way, await picture(100));
      expect([way, status < 300]).toEqual([way, true]);
    }
    await gateway.untilTidy();
  });
});
