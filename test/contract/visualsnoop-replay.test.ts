import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageIdProblem } from '#src/services/image-id.js';
import { MemoryVisualSnoop } from '../fakes/memory-visualsnoop.js';
import { picture } from '../fakes/pictures.js';
import { stageBuffer } from '../fakes/signature-facts.js';
import { VisualSnoopWireServer } from '../fakes/visualsnoop-wire-server.js';
import {
  RECORDED_AT,
  RECORDED_KEYS,
  RECORDED_MOUNT,
  ReplayConnection,
  type ReplayedRequest,
  recordedRequests,
} from './visualsnoop-replay.js';

const imageTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
const collection = { collectionId: '6b7c9142', name: 'Holidays', user: 'a@example.org' };
const seeded = await stageBuffer(await picture(1));

let visualsnoop: MemoryVisualSnoop;
let server: VisualSnoopWireServer;

beforeAll(async () => {
  visualsnoop = new MemoryVisualSnoop();
  server = new VisualSnoopWireServer(visualsnoop, visualsnoop, {
    mount: RECORDED_MOUNT,
    clock: () => RECORDED_AT,
  });
  await server.listen();
});

afterAll(() => server.close());

/** The id that a recorded request means, by how its path is written. */
function imageIdOf({ target }: ReplayedRequest): string | null {
  const encoded = /^\/api\/v1\/(?:image|search)\/([^?]*)/.exec(target)?.[1];
  return encoded === undefined ? null : decodeURIComponent(encoded);
}

/** A collection of two images, and the one that the request means where it takes it to exist. */
async function seed(request: ReplayedRequest): Promise<void> {
  visualsnoop.addCollection({ collection, ...RECORDED_KEYS });
  for (const imageId of ['first', 'a b/c']) await visualsnoop.addImage('6b7c9142', seeded, { imageId });
  const imageId = request.method === 'POST' ? null : (imageIdOf(request) ?? 'myid12');
  if (imageId && !imageIdProblem(imageId)) await visualsnoop.addImage('6b7c9142', seeded, { imageId });
}

function expectedAnswer(request: ReplayedRequest) {
  const { call, method, target } = request;
  const ok = { status: 200, message: 'OK', collection_id: '6b7c9142' };
  const image = { collection_id: '6b7c9142', image_id: imageIdOf(request), image_time: imageTime };
  const refused = (status: number) => ({ status, message: expect.any(String) });
  const listed = (id: string) => ({ id, image_time: imageTime });
  if (call.includes("('..')")) return refused(404);
  if (target === '/api/v1/image/' || target.includes('xxxxx') || target.includes('count=-1'))
    return refused(400);
  if (/generator|empty file|read to the end/.test(call)) return refused(400);
  switch (`${method} ${target.replace(RECORDED_MOUNT, '')}`) {
    case 'GET /collection?session=init':
      return { ...ok, collection_name: 'Holidays', user: 'a@example.org' };
    case 'POST /image':
      return { ...image, status: 201, message: 'Added', image_id: expect.stringMatching(/^[0-9a-f]{32}$/) };
    case 'POST /search':
      return { ...ok, results: expect.arrayContaining([{ id: 'first', rank: expect.any(Number) }]) };
    case 'GET /images':
      return { ...ok, images: ['myid12', 'a b/c', 'first'].map(listed), next_image_id: null };
    case 'GET /images?start=myid12':
      return { ...ok, images: ['myid12', 'a b/c', 'first'].map(listed), next_image_id: null };
    case 'GET /images?start=a+b%2Fc&count=5':
      return { ...ok, images: ['a b/c', 'first'].map(listed), next_image_id: null };
    case 'GET /search/myid12':
      return { ...ok, ...image, results: expect.arrayContaining([{ id: 'first', rank: 0 }]) };
  }
  if (method === 'POST') return { ...image, status: 201, message: 'Added' };
  if (method === 'PUT') return { ...image, status: 200, message: 'Updated' };
  if (method === 'DELETE') return { ...image, status: 200, message: 'Deleted' };
  return { ...image, status: 200, message: 'OK' };
}

describe('the requests of the original client', () => {
  it('are 47', () => expect(recordedRequests).toHaveLength(47));

  it.each(recordedRequests)('$call', async (request) => {
    await seed(request);
    const connection = new ReplayConnection(server.port);
    const { status, json } = await connection.send(request.bytes);
    connection.close();
    const expected = expectedAnswer(request);
    expect(json).toEqual(expected);
    expect(status).toBe(expected.status);
  });

  it('are answered in turn over one connection, as they were sent', async () => {
    visualsnoop.addCollection({ collection, ...RECORDED_KEYS });
    const connection = new ReplayConnection(server.port);
    const statuses: number[] = [];
    for (const { bytes } of recordedRequests) statuses.push((await connection.send(bytes)).status);
    connection.close();
    expect(statuses.slice(0, 19)).toEqual([
      200, 201, 201, 200, 201, 201, 201, 400, 400, 400, 200, 200, 404, 200, 200, 404, 404, 200, 400,
    ]);
    expect(statuses.slice(19).every((status) => status === 404 || status === 400)).toBe(true);
    expect(statuses).toHaveLength(47);
  });
});
