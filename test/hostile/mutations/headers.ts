import type { RawRequest } from '../../fakes/raw-request.js';
import type { Mutation } from './draft.js';

/** What is sent: the request as it is written, and what it says of itself. */
export interface Sent extends RawRequest {
  headers: Record<string, string | number>;
}

type Header = readonly [name: string, values: readonly (string | undefined)[]];

const LONG = 'x'.repeat(5000);

const HEADERS: readonly Header[] = [
  [
    'content-type',
    [
      ...[
        undefined,
        '',
        'text/plain',
        'application/graphql',
        'application/x-www-form-urlencoded',
        'application/xml',
      ],
      ...[
        'application/json; charset=utf-16',
        'application/json; charset="',
        'APPLICATION/JSON',
        'application/json, text/plain',
      ],
      ...[
        'application/graphql+json',
        'application/jsonx',
        'multipart/form-data',
        'multipart/form-data; boundary=',
        'multipart/mixed; boundary=x',
      ],
      ...[
        'multipart/form-data; boundary="x',
        `multipart/form-data; boundary=${LONG}`,
        ';',
        `application/${LONG}`,
      ],
    ],
  ],
  [
    'accept',
    [
      ...[
        undefined,
        '',
        '*/*',
        'text/html',
        'text/event-stream',
        'multipart/mixed',
        'image/png',
        'application/json;q=0',
        'x',
        ';;,,',
      ],
      ...[
        'application/graphql-response+json',
        'application/json;q=abc',
        'application/json; charset=latin1',
        `text/${LONG}`,
      ],
      ...[
        'text/event-stream, application/json;q=0.5',
        'application/graphql-response+json;q=0.1, application/json',
      ],
    ],
  ],
  ['content-encoding', ['gzip', 'br', 'identity', 'x', LONG]],
  ['accept-encoding', ['gzip', '*;q=0', LONG]],
  ['origin', ['null', 'https://other.example', 'x', LONG]],
  ['authorization', ['Bearer x', 'Basic !!!', 'VSHMAC a:b', 'VSHMAC', LONG]],
  ['x-api-key', ['x', '', LONG]],
  ['host', ['', 'x', 'a b', '[::1', 'x:99999', LONG]],
  ['x-forwarded-for', ['1.1.1.1', LONG]],
  [
    'traceparent',
    [
      '00-0-0-00',
      `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`,
      `00-${'f'.repeat(32)}-${'f'.repeat(16)}-ff`,
      LONG,
    ],
  ],
  ['tracestate', ['a=b', '=', LONG]],
  ['baggage', ['a=%zz', LONG]],
  ['cookie', ['a=b', LONG]],
  ['range', ['bytes=0-', 'bytes=9-1', 'bytes=-0', 'x', LONG]],
  ['if-none-match', ['*', '"x"', LONG]],
  ['if-match', ['*', '"x"', LONG]],
  ['connection', ['close', 'x']],
  ['access-control-request-method', ['POST', LONG]],
  ['date', ['x', new Date(0).toUTCString()]],
];

/** Changes a header, or adds one. */
export const mutateHeaders: Mutation<Sent> = ({ headers }, random) => {
  const [name, values] = random.weighted([
    [3, HEADERS[0]!],
    [3, HEADERS[1]!],
    [6, random.pick(HEADERS)],
  ]);
  const value = random.pick(values);
  if (value === undefined) delete headers[name];
  else headers[name] = value;
  return `${name}: ${value?.slice(0, 60)}`;
};

/** Changes the method, the address or the bytes of the body. */
export const mutateMessage: Mutation<Sent> = (sent, random) => {
  const { target } = sent;
  const [done, change] = random.pick<readonly [string, () => void]>([
    ...['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'PROPFIND'].map(
      (method) => [`method ${method}`, () => (sent.method = method)] as const,
    ),
    ['in pieces', () => (sent.body = piecesOf(sent.body))],
    ['a byte that is no UTF-8', () => (sent.body = withByte(sent.body, random.next(), 0xff))],
    ['a NUL byte', () => (sent.body = withByte(sent.body, random.next(), 0))],
    ['UTF-16', () => (sent.body = Buffer.from(Buffer.concat(piecesOf(sent.body)).toString(), 'utf16le'))],
    ['no body', () => delete sent.body],
    ['half of the body', () => (sent.body = Buffer.concat(piecesOf(sent.body).slice(0, 1)))],
    [
      'a query in the address',
      () => (sent.target = `${target}${target.includes('?') ? '&' : '?'}query={__typename}&variables={&x`),
    ],
    ['a slash at the end', () => (sent.target = target.replace(/(?=\?|$)/, '/'))],
    ['a slash more', () => (sent.target = `/${target}`)],
    ['a broken escape', () => (sent.target = `${target}${target.includes('?') ? '&' : '?'}%zz=%ff%`)],
    ['a fragment', () => (sent.target = `${target}#x`)],
    ['an absolute address', () => (sent.target = `http://x.example${target}`)],
    [
      'a very long address',
      () => (sent.target = `${target}${target.includes('?') ? '&' : '?'}x=${'y'.repeat(100_000)}`),
    ],
  ]);
  change();
  return done;
};

/** Sent without a length. */
function piecesOf(body: Sent['body'] = Buffer.alloc(0)): Buffer[] {
  const whole = Array.isArray(body) ? Buffer.concat(body) : body;
  const middle = Math.ceil(whole.length / 2);
  return [whole.subarray(0, middle), whole.subarray(middle)];
}

function withByte(body: Sent['body'], place: number, byte: number): Buffer {
  const whole = Buffer.concat(piecesOf(body));
  if (whole.length > 0) whole[Math.floor(place * whole.length)] = byte;
  return whole;
}
