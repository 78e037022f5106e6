import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../harness/gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

/** Of JSON, of which the gateway takes 2 MiB. */
const TOO_MUCH = Buffer.alloc(40_000_000, 'a');
const QUERY = Buffer.from('{"query":"{ __typename }"}');

type Connection = 'close' | 'keep-alive';

function post(connection: Connection, body: Buffer, agent = new Agent()): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { connection, 'content-type': 'application/json', 'content-length': body.length };
    const options = { method: 'POST', headers, agent };
    const outgoing = request(`${gateway.url}/graphql`, options, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    outgoing.on('error', reject).end(body);
  });
}

it.each(['close', 'keep-alive'] as const)(
  'an answer before the end of a body comes to a client that wants the connection to %s',
  async (connection) => {
    for (let n = 0; n < 3; n++) expect(await post(connection, TOO_MUCH)).toBe(413);
  },
);

it('a connection that is kept serves the next request after one that was refused', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const body of [QUERY, TOO_MUCH, QUERY, TOO_MUCH, QUERY])
    expect(await post('keep-alive', body, agent)).toBe(body === QUERY ? 200 : 413);
  agent.destroy();
});

it('ends the connection after an answer for a client that wants it so, body or not', async () => {
  const body = QUERY.toString();
  const head = 'Host: x\r\nConnection: close\r\n';
  const json = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  for (const text of [
    `GET /health HTTP/1.1\r\n${head}\r\n`,
    `POST /graphql HTTP/1.1\r\n${head}${json}\r\n${body}`,
    `POST /graphql HTTP/1.1\r\n${head}Accept: text/event-stream\r\n${json}\r\n${body}`,
    `POST /graphql HTTP/1.0\r\n${json}\r\n${body}`,
  ]) {
    const { hostname, port } = new URL(gateway.url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write(text));
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk;
      });
      socket.on('error', reject).on('end', () => resolve(received));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer.match(/^(?:connection|keep-alive): .*(?=\r)/gim)).toEqual(['Connection: close']);
  }
});
