import { fileURLToPath } from 'node:url';
import sharp, { type Sharp } from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { KeypointIndex } from '#src/embedded/keypoints/keypoint-index.js';
import { decodeKeypoints, encodeKeypoints, type Keypoints } from '#src/embedded/keypoints/keypoints.js';
import { sharedPart } from '#src/embedded/keypoints/shared-part.js';
import { copyOf } from './copies.js';

const NAMES = ['11-picos.jpg', '08-friends.jpg', '05-wine.jpg', '39-retina.jpg'];
const files = NAMES.map((name) =>
  fileURLToPath(new URL(`../../fixtures/corpus/photos/${name}`, import.meta.url)),
);

async function keypointsOf(input: string | Buffer, side = 320, most = 48): Promise<Keypoints> {
  return decodeKeypoints(encodeKeypoints(await copyOf(input, side), most))!;
}

describe('an index of keypoints', () => {
  const index = new KeypointIndex();
  let small: Buffer;
  beforeAll(async () => {
    for (const [key, file] of files.entries()) index.add(key, await keypointsOf(file));
    small = await sharp(files[0]!).resize(512).png().toBuffer();
  });

  async function found(edit: (picture: Sharp) => Sharp) {
    const query = await keypointsOf(await edit(sharp(small)).png().toBuffer(), 512, 400);
    const [match, ...others] = index.search(query);
    expect(match?.key).toBe(0);
    expect(others.every(({ score }) => score < match!.score / 4)).toBe(true);
    return { query, match: match!, part: sharedPart(match!, query, index.sidesOf(0))! };
  }

  it('finds a picture in itself', async () => {
    const { match, part } = await found((picture) => picture);
    expect(match).toMatchObject({ mirrored: false, similarity: { scale: expect.closeTo(1, 1) } });
    for (const box of [part.query, part.match])
      expect([box.x, box.y, box.width, box.height].map((share) => Math.round(share * 20) / 20)).toEqual([
        0, 0, 1, 1,
      ]);
    expect(Math.abs(part.angle)).toBeLessThan(2);
  });

  it.each([30, 90, 180, -75])('finds it turned by %i°', async (degrees) => {
    const { part } = await found((picture) => picture.rotate(degrees, { background: '#777' }));
    const error = ((part.angle - degrees + 540) % 360) - 180;
    expect(Math.abs(error)).toBeLessThan(3);
  });

  it('finds it mirrored', async () => {
    const { match, part } = await found((picture) => picture.flop());
    expect([match.mirrored, part.mirrored]).toEqual([true, true]);
    expect(part.query.width).toBeGreaterThan(0.9);
  });

  it('says which part of it another picture shows', async () => {
    const { width, height } = await sharp(small).metadata();
    const box = { left: Math.round(width * 0.3), top: Math.round(height * 0.2) };
    const { part } = await found((picture) =>
      picture.extract({ ...box, width: Math.round(width * 0.6), height: Math.round(height * 0.7) }),
    );
    const near = (value: number, expected: number) => expect(Math.abs(value - expected)).toBeLessThan(0.08);
    near(part.match.x, 0.3);
    near(part.match.y, 0.2);
    near(part.match.width, 0.6);
    near(part.match.height, 0.7);
  });

  it('finds it in a larger picture, and says where', async () => {
    const canvas = sharp({ create: { width: 1000, height: 700, channels: 3, background: '#fafafa' } });
    const { part } = await found(() => canvas.composite([{ input: small, left: 400, top: 200 }]));
    expect(Math.abs(part.query.x - 0.4)).toBeLessThan(0.05);
    expect(Math.abs(part.query.y - 200 / 700)).toBeLessThan(0.05);
    expect(Math.abs(part.query.width - 0.512)).toBeLessThan(0.07);
  });

  it('finds it by the few keypoints that are kept of an edited copy', async () => {
    const copy = await sharp(small).extract({ left: 60, top: 40, width: 380, height: 260 }).png().toBuffer();
    const [match] = index.search(await keypointsOf(copy));
    expect(match?.key).toBe(0);
  });

  it('forgets a picture, and takes one in the place of another', async () => {
    const changing = new KeypointIndex();
    const [first, second] = [await keypointsOf(files[0]!), await keypointsOf(files[1]!)];
    for (let key = 0; key < 60; key++) changing.add(key, await keypointsOf(files[2 + (key % 2)]!));
    changing.add(99, first);
    expect(changing.search(first)[0]).toMatchObject({ key: 99 });
    changing.add(99, second);
    expect(changing.search(first).map(({ key }) => key)).not.toContain(99);
    expect(changing.search(second)[0]).toMatchObject({ key: 99 });
    changing.remove(99);
    changing.remove(99);
    expect(changing.search(second).map(({ key }) => key)).not.toContain(99);
    expect(changing.size).toBe(60);
  });
});
