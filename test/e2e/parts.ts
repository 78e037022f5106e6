import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Box, ImageMatch, SharedPart } from '#src/services/visualsnoop.js';
import { picture, type TestGateway } from '../harness/gateway.js';

const [PICOS, COFFEE] = ['photos/11-picos.jpg', 'photos/36-coffee.png'];
const PHOTOS = [PICOS, COFFEE, 'photos/03-fig.jpg', 'photos/12-dandelion.jpg', 'photos/37-rocket.jpg'];

const ADD = `mutation ($input: AddImageInput!) { addImage(input: $input) { __typename } }`;
const MATCH = `rank likeness found image { imageId } part {
  query { x y width height } match { x y width height } angle mirrored }`;
const SIMILAR = `query ($image: Upload!, $parts: Boolean! = true) {
  similar(to: { image: { upload: $image } }, parts: $parts) { images { ${MATCH} } } }`;
const BY_ID = `query ($collectionId: String!, $imageId: String!, $parts: Boolean! = true) {
  image(collectionId: $collectionId, imageId: $imageId) { similar(parts: $parts) { ${MATCH} } } }`;

/** What a query gives of a match. */
interface Match extends Pick<ImageMatch, 'rank' | 'found'> {
  likeness: string;
  image: { imageId: string };
  part: SharedPart | null;
}

/** Where parts are, in shares of both sides. */
const ALL: Box = { x: 0, y: 0, width: 1, height: 1 };
const LOWER_RIGHT: Box = { x: 0.45, y: 0.4, width: 0.55, height: 0.6 };

const partOf = async (name: string, { x, y, width, height }: Box) => {
  const whole = sharp(picture(name));
  const { width: across, height: down } = await whole.metadata();
  const [left, top] = [Math.round(across * x), Math.round(down * y)];
  return whole
    .extract({ left, top, width: Math.floor(across * width), height: Math.floor(down * height) })
    .jpeg()
    .toBuffer();
};

/** A page of 1000 × 700 with a photograph, 400 wide, turned clockwise, also mirrored, at 520, 80; and where it is. */
async function pageWith(name: string, turn: { degrees?: number; mirrored?: boolean }) {
  const small = await sharp(picture(name))
    .resize(400)
    .flop(turn.mirrored ?? false)
    .toBuffer();
  const { data, info } = await sharp(small)
    .rotate(turn.degrees ?? 0, { background: '#e8e4da' })
    .png()
    .toBuffer({ resolveWithObject: true });
  const page = await sharp({ create: { width: 1000, height: 700, channels: 3, background: '#e8e4da' } })
    .composite([{ input: data, left: 520, top: 80 }])
    .jpeg()
    .toBuffer();
  return {
    page,
    box: { x: 0.52, y: 80 / 700, width: info.width / 1000, height: info.height / 700 },
  };
}

function expectNear(box: Box, expected: Box): void {
  for (const side of ['x', 'y', 'width', 'height'] as const)
    expect(Math.abs(box[side] - expected[side]), `${side} of ${JSON.stringify(box)}`).toBeLessThan(0.1);
}

/** What the graph says of parts of pictures, by real requests with real pictures, over any storage. */
export function describeParts(storage: string, start: () => Promise<TestGateway>): void {
  describe(`Parts of pictures on ${storage}`, () => {
    let gateway: TestGateway;
    let collectionId: string;

    const add = async (imageId: string, bytes: Buffer) => {
      const input = { collectionId, imageId, image: { base64: bytes.toString('base64') } };
      const { data, errors } = await gateway.graphql(ADD, { input });
      expect(errors).toBeUndefined();
      expect(data.addImage.__typename).toBe('AddImageSuccess');
    };
    const similar = async (bytes: Buffer, parts?: boolean): Promise<Match[]> => {
      const files = { image: new Uint8Array(bytes) };
      const { data, errors } = await gateway.upload(SIMILAR, { image: null, parts }, files);
      expect(errors).toBeUndefined();
      return data.similar.images;
    };
    const byId = async (imageId: string, parts?: boolean): Promise<Match[]> => {
      const { data, errors } = await gateway.graphql(BY_ID, { collectionId, imageId, parts });
      expect(errors).toBeUndefined();
      return data.image.similar;
    };
    /** The one match that there is. */
    const only = (matches: Match[], imageId: string): Match => {
      expect(matches.map(({ image }) => image.imageId)).toEqual([imageId]);
      return matches[0]!;
    };

    beforeAll(async () => {
      gateway = await start();
      const { data } = await gateway.graphql('{ collections { nodes { collectionId } } }');
      collectionId = data.collections.nodes[0].collectionId;
      for (const name of PHOTOS) await add(name, picture(name));
    });
    afterAll(() => gateway?.close());

    it('are told with a crop: which part of the match it is', async () => {
      const match = only(await similar(await partOf(PICOS, LOWER_RIGHT)), PICOS);
      expect(match).toMatchObject({ found: 'PART', likeness: 'LIKELY', part: { mirrored: false } });
      expect(match.rank).toBeGreaterThan(67);
      expectNear(match.part!.query, ALL);
      expectNear(match.part!.match, LOWER_RIGHT);
      expect(Math.abs(match.part!.angle)).toBeLessThan(3);
    });

    it('are told with a page that shows it turned: where, and by how much', async () => {
      const { page, box } = await pageWith(COFFEE, { degrees: 30 });
      const match = only(await similar(page), COFFEE);
      expect(match).toMatchObject({ found: 'PART', part: { mirrored: false } });
      expectNear(match.part!.query, box);
      expectNear(match.part!.match, ALL);
      expect(Math.abs(match.part!.angle - 30)).toBeLessThan(3);
    });

    it('are told with a page that shows it mirrored and turned', async () => {
      const { page, box } = await pageWith(COFFEE, { degrees: -40, mirrored: true });
      const match = only(await similar(page), COFFEE);
      expect(match).toMatchObject({ found: 'PART', part: { mirrored: true } });
      expectNear(match.part!.query, box);
      expectNear(match.part!.match, ALL);
    });

    it('are all of both, where the pictures are alike as a whole', async () => {
      const copy = await sharp(picture(COFFEE)).resize(300).jpeg({ quality: 60 }).toBuffer();
      const match = only(await similar(copy), COFFEE);
      expect(match).toMatchObject({ found: 'WHOLE', likeness: 'NEARLY_CERTAIN', part: { mirrored: false } });
      expectNear(match.part!.query, ALL);
      expectNear(match.part!.match, ALL);
      expect(only(await similar(picture(COFFEE)), COFFEE)).toMatchObject({
        rank: 0,
        found: 'WHOLE',
        part: null,
      });
    });

    it('are not looked for where nobody wants them', async () => {
      expect(await similar(await partOf(PICOS, LOWER_RIGHT), false)).toEqual([]);
      const copy = await sharp(picture(COFFEE)).resize(300).jpeg({ quality: 60 }).toBuffer();
      expect(only(await similar(copy, false), COFFEE)).toMatchObject({ found: 'WHOLE', part: null });
    });

    it('are found between stored images, in both directions', async () => {
      await add('part', await partOf(PICOS, LOWER_RIGHT));
      const there = only(await byId('part'), PICOS);
      const back = only(await byId(PICOS), 'part');
      expect([there.found, back.found]).toEqual(['PART', 'PART']);
      expectNear(there.part!.match, LOWER_RIGHT);
      expectNear(back.part!.query, LOWER_RIGHT);
      expect([await byId('part', false), await byId(PICOS, false)]).toEqual([[], []]);
    });
  });
}
