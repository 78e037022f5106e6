import { connect } from 'node:net';
import { type RawResponse, rawRequest } from '../fakes/raw-request.js';
import { picture } from '../harness/gateway.js';
import { json, multipart, type Sender, WAYS, type Way } from './ways.js';

/** A request that is hostile by its form. 0 is a connection that ended without an answer. */
export interface HostileRequest {
  name: string;
  status: number;
  send(url: string, sender: Sender): Promise<RawResponse | number>;
}

const photo = picture('photos/03-fig.jpg');
const fixed = (name: string, status: number, request: Parameters<typeof rawRequest>[1]): HostileRequest => ({
  name,
  status,
  send: (url) => rawRequest(url, request),
});
const get = (target: string) => ({ method: 'GET', target });
const form = (...parts: Parameters<typeof multipart>[1]) => multipart('/imgcache/images', parts);
const field = (name: string, value: string) => ({ name, value });
const source = [field('url', 'https://x.example/form'), field('client_name', 'c')];
const fileNamed = (filename: string) => ({ name: 'file', value: photo, filename });

/** Begins to send a picture on a connection of its own. Resolves with the status, or 0, when it has ended. */
function begin(
  url: string,
  sender: Sender,
  way: Way,
  { claims = 1, sends, ending }: { claims?: number; sends: number; ending: 'ABORT' | 'END' | 'DRIP' },
): Promise<number> {
  const { method, target, headers, body } = sender.request(way, photo);
  const bytes = body as Buffer;
  const lines = Object.entries({
    host: 'x',
    ...headers,
    'content-length': Math.round(bytes.length * claims),
  });
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `${method} ${target} HTTP/1.1\r\n${lines.map(([k, v]) => `${k}: ${v}`).join('\r\n')}\r\n\r\n`,
      );
      socket.write(bytes.subarray(0, Math.round(bytes.length * sends)), () => {
        if (ending === 'ABORT') setTimeout(() => socket.destroy(), 50);
        if (ending === 'END') socket.end();
      });
    });
    const drip = ending === 'DRIP' ? setInterval(() => socket.write('x'), 1000) : undefined;
    socket.on('data', (data) => (answer += data));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(drip);
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0));
    });
  });
}

const perWay = (name: string, status: number, how: Parameters<typeof begin>[3]): HostileRequest[] =>
  WAYS.map((way) => ({
    name: `${name}: ${way}`,
    status,
    send: (url, sender) => begin(url, sender, way, how),
  }));

/** All at once: they take as long as one. */
const slowDrips: HostileRequest = {
  name: 'bodies that drip, whichever way they come',
  status: 408,
  async send(url, sender) {
    const statuses = await Promise.all(
      WAYS.map((way) => begin(url, sender, way, { sends: 0.01, ending: 'DRIP' })),
    );
    return statuses.find((status) => status !== 408) ?? 408;
  },
};

const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

export const requests: readonly HostileRequest[] = [
  ...perWay('aborted midway', 0, { sends: 0.5, ending: 'ABORT' }),
  ...perWay('shorter than its content-length', 400, { claims: 1.5, sends: 1, ending: 'END' }),
  slowDrips,
  fixed('a form without a file', 422, form(...source)),
  fixed('a form of 1001 fields', 400, form(...Array.from({ length: 1001 }, (_, n) => field(`f${n}`, '')))),
  fixed('a field of 2 MB', 400, form(field('url', 'x'.repeat(2_000_000)))),
  fixed('a field name of 20 000 characters', 400, form(field('x'.repeat(20_000), ''))),
  fixed('a NUL in a field', 422, form(field('url', 'a\0b'), source[1]!, fileNamed('a'))),
  fixed(
    'a repeated file',
    200,
    form(...source, { ...fileNamed('a'), value: picture('odd/rgb.png') }, fileNamed('b')),
  ),
  fixed('a file name with a header in it', 200, form(...source, fileNamed('a\r\nSet-Cookie: x=1\r\n'))),
  fixed('a file name that leaves the folder', 200, form(...source, fileNamed('../../../../etc/passwd'))),
  fixed(
    'a multipart request without a map',
    400,
    multipart('/graphql', [field('operations', '{"query":"{ __typename }"}')]),
  ),
  fixed(
    'a multipart request of 1000 files',
    413,
    multipart('/graphql', [
      field('operations', '{"query":"{ __typename }","variables":{"f":[]}}'),
      field(
        'map',
        JSON.stringify(Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [n, [`variables.f.${n}`]]))),
      ),
    ]),
  ),
  fixed('a body that is no multipart', 400, {
    ...multipart('/graphql', []),
    body: Buffer.from('no multipart'),
  }),
  fixed('JSON of 100 000 levels', 400, { ...json(null), body: Buffer.from(deep(100_000)) }),
  fixed('a header of more than 256 KB', 431, {
    ...get('/health'),
    headers: { 'x-large': 'x'.repeat(262_100) },
  }),
  fixed('a path that leaves the folder', 404, get('/files/../../../etc/passwd')),
  fixed('the same, percent-encoded', 404, get('/files/..%2f..%2f..%2fetc%2fpasswd')),
  fixed('a NUL in a path', 404, get('/files/%00')),
  fixed('a path that is no UTF-8', 404, get('/imgcache/images/%ff%fe')),
];
