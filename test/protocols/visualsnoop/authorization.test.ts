import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatAuthorization, sign } from '#src/services/visualsnoop-signature.js';
import { MemoryVisualSnoop } from '../../fakes/memory-visualsnoop.js';
import { picture } from '../../fakes/pictures.js';
import { DOCUMENTED_KEYS, VisualSnoopWireServer } from '../../fakes/visualsnoop-wire-server.js';

const MINUTE = 60_000;
const other = { publicKey: 'aaaaaaaaaaaaaaaaaaaa', secretKey: 'another secret' };
const png = await picture(1);

let visualsnoop: MemoryVisualSnoop;
let server: VisualSnoopWireServer;

beforeEach(async () => {
  visualsnoop = new MemoryVisualSnoop();
  const named = (collectionId: string) => ({ collectionId, name: null, user: null });
  visualsnoop.addCollection({ collection: named('6b7c9142'), ...DOCUMENTED_KEYS });
  visualsnoop.addCollection({ collection: named('0a0a0a0a'), ...other });
  server = await new VisualSnoopWireServer(visualsnoop, visualsnoop).listen();
  await server.send('POST', '/image/a', { body: png });
});

afterEach(() => server.close());

const httpDate = (offset = 0) => new Date(Date.now() + offset).toUTCString();
const signed = (method: string, path: string, date: string, keys = DOCUMENTED_KEYS) =>
  formatAuthorization({ method, path: VisualSnoopWireServer.mount + path, date }, keys);

const datesOff: [string, string][] = [
  ['an old Date', httpDate(-16 * MINUTE)],
  ['a Date to come', httpDate(16 * MINUTE)],
  ['a Date of long ago', 'Thu, 01 Jan 1970 00:00:00 GMT'],
];
const datesOfAnotherForm: [string, string][] = [
  ['an ISO Date', new Date().toISOString()],
  ['a Date in another zone', httpDate().replace('GMT', '+0000')],
  ['an impossible Date', 'Fri, 31 Nov 2026 00:00:00 GMT'],
  ['no time', 'yesterday'],
  ['two Dates', `${httpDate()}, ${httpDate()}`],
];

describe('a request that is not signed rightly', () => {
  const date = httpDate();
  const right = signed('GET', '/image/a', date);
  const signature = sign(
    { method: 'GET', path: `${VisualSnoopWireServer.mount}/image/a`, date },
    DOCUMENTED_KEYS.secretKey,
  );

  const wrong: [string, Record<string, string | undefined>][] = [
    ['no Authorization', { Authorization: undefined }],
    ['an empty Authorization', { Authorization: '' }],
    ['another scheme', { Authorization: right.replace('VSHMAC', 'Bearer') }],
    ['no signature', { Authorization: `VSHMAC ${DOCUMENTED_KEYS.publicKey}` }],
    ['a cut signature', { Authorization: right.slice(0, -2) }],
    ['a signature with more behind it', { Authorization: `${right}AAAA` }],
    ['an unknown public key', { Authorization: `VSHMAC unknown:${signature}` }],
    ["another collection's public key", { Authorization: `VSHMAC ${other.publicKey}:${signature}` }],
    [
      'another secret',
      { Authorization: signed('GET', '/image/a', date, { ...DOCUMENTED_KEYS, secretKey: 'x' }) },
    ],
    ['the signature of another method', { Authorization: signed('DELETE', '/image/a', date) }],
    ['the signature of another path', { Authorization: signed('GET', '/image/b', date) }],
    ['the signature of the query too', { Authorization: signed('GET', '/image/a?x', date) }],
    [
      'the signature of the path below the mount',
      { Authorization: formatAuthorization({ method: 'GET', path: '/image/a', date }, DOCUMENTED_KEYS) },
    ],
    ['another Date than the signed one', { Date: httpDate(2 * MINUTE) }],
    ['no Date', { Date: undefined }],
  ];
  const nobody = { ...other, secretKey: 'x' };

  it('always has the same answer, byte for byte, whatever is there', async () => {
    const replies = [];
    for (const [, headers] of wrong) replies.push(await server.send('GET', '/image/a', { date, headers }));
    for (const [, text] of [...datesOff, ...datesOfAnotherForm])
      replies.push(await server.send('GET', '/image/a', { date: text, keys: nobody }));
    const headers = { Authorization: 'VSHMAC unknown:zVbH484ODf2W68Ag1H0dj/oukcI=' };
    for (const path of ['/image/missing', '/nowhere', '/image/..', '/images?count=0']) {
      replies.push(await server.send('GET', path, { headers }));
      replies.push(await server.send('PATCH', path, { headers }));
    }
    const cases = [...wrong, ...datesOff, ...datesOfAnotherForm].map(([name]) => name);
    expect(replies.map(({ status }, i) => [cases[i], status])).toEqual(
      replies.map((_, i) => [cases[i], 401]),
    );
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(replies[0]!.json).toEqual({ status: 401, message: expect.any(String) });
    const names = new Set(replies.map(({ headers }) => Object.keys(headers).join()));
    expect(names.size).toBe(1);
  });

  it('changes nothing, and none of its body is staged', async () => {
    const before = server.staging.bytesRead;
    for (const method of ['PUT', 'DELETE']) {
      const { status } = await server.send(method, '/image/a', {
        body: png,
        keys: { ...other, publicKey: 'x' },
      });
      expect(status).toBe(401);
    }
    expect(server.staging.bytesRead).toBe(before);
    expect((await server.send('GET', '/image/a')).status).toBe(200);
  });
});

describe('a request that is signed rightly', () => {
  const refusal = async (method: string, path: string, date: string) => {
    const { status, headers, json } = await server.send(method, path, { date });
    expect([status, json.status, headers['www-authenticate']]).toEqual([401, 401, 'VSHMAC']);
    return json.message;
  };

  it.each(datesOff)('with %s is told that its clock is off, and what time it is here', async (_, date) => {
    for (const path of ['/image/a', '/image/missing', '/nowhere'])
      expect(await refusal('GET', path, date)).toMatch(
        /Date is more than 15 minutes off.* \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/,
      );
  });

  it.each(datesOfAnotherForm)('with %s is told of the form that a Date has', async (_, date) => {
    expect(await refusal('GET', '/image/a', date)).toMatch(/Date is not of the form ".* GMT"/);
  });

  it('changes nothing while its clock is off', async () => {
    await refusal('DELETE', '/image/a', httpDate(-16 * MINUTE));
    expect((await server.send('GET', '/image/a')).status).toBe(200);
  });

  it.each([-14, 0, 14])('may have a Date %i minutes from now', async (minutes) => {
    expect((await server.send('GET', '/image/a', { date: httpDate(minutes * MINUTE) })).status).toBe(200);
  });

  it('may be repeated within that time', async () => {
    const date = httpDate();
    for (let i = 0; i < 3; i++) expect((await server.send('GET', '/image/a', { date })).status).toBe(200);
  });

  it('sees the collection of its keys alone', async () => {
    expect((await server.send('GET', '/image/a', { keys: other })).status).toBe(404);
    expect((await server.send('GET', '/collection', { keys: other })).json.collection_id).toBe('0a0a0a0a');
  });

  it('is judged by the path as sent, not by what it decodes to', async () => {
    const date = httpDate();
    const headers = { Authorization: signed('GET', '/image/a', date) };
    expect((await server.send('GET', '/image/%61', { date, headers })).status).toBe(401);
    expect((await server.send('GET', '/image/%61', { date })).status).toBe(200);
  });
});
