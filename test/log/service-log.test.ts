import { afterEach, describe, expect, it } from 'vitest';
import { createServiceLog } from '#src/log/service-log.js';
import { createServiceClient, type ServiceClient, type ServiceRequest } from '#src/remote/http/client.js';
import { FaultyServer, html, json } from '../fakes/faulty-server.js';
import { LogLines } from '../harness/log-lines.js';

const READ: ServiceRequest = {
  method: 'GET',
  path: '/images/lookup?url=https%3A%2F%2Fme%3Asecret%40host',
  repeatable: false,
};

const lines = new LogLines();
afterEach(() => lines.clear());

function connect(baseUrl: string, slowMs = 60_000): ServiceClient {
  const observer = createServiceLog(lines.log, slowMs, 'IMGCACHE');
  return createServiceClient({ service: 'IMGCACHE', baseUrl, maxConcurrent: 1, ...observer });
}

const ask = (client: ServiceClient, request = READ) =>
  client.json(request, (value) => value).catch(() => null);

describe('A call to a service', () => {
  it('that goes well and fast is no news', async () => {
    await using server = await FaultyServer.start(json(1));
    const client = connect(server.url);
    await ask(client);
    await client.close();
    expect(lines.text).toBe('');
  });

  it('that the service refuses is no news', async () => {
    await using server = await FaultyServer.start(html(404));
    const client = connect(server.url);
    await ask(client);
    await client.close();
    expect(lines.text).toBe('');
  });

  it('that is slow is warned of, without its query', async () => {
    await using server = await FaultyServer.start(json(1));
    const client = connect(server.url, 0);
    await ask(client);
    await client.close();
    expect(lines.lines).toEqual([
      {
        level: 'warn',
        time: expect.any(String),
        service: 'IMGCACHE',
        method: 'GET',
        path: '/images/lookup',
        outcome: 'OK',
        tries: 1,
        durationMs: expect.any(Number),
        msg: 'slow service call',
      },
    ]);
  });

  it('that fails is warned of, with the cause and without the credentials of the address', async () => {
    await using server = await FaultyServer.start();
    const url = new URL(server.url);
    await server[Symbol.asyncDispose]();
    const client = connect(`http://me:secret@${url.host}`);
    await ask(client, { ...READ, repeatable: true });
    await client.close();
    expect(lines.lines).toMatchObject([
      {
        msg: 'service call failed',
        outcome: 'UNAVAILABLE',
        tries: 3,
        cause: expect.stringMatching(/^UNREACHABLE: connect ECONNREFUSED /),
      },
    ]);
    expect(lines.text).not.toContain('secret');
    expect(lines.text).not.toContain(Buffer.from('me:secret').toString('base64'));
  });
});

describe('The circuit breaker of a service', () => {
  it('says when it opens and when it closes, once, and calls that are not tried are no news', async () => {
    await using server = await FaultyServer.start(
      html(500),
      html(500),
      html(500),
      html(500),
      html(500),
      json(1),
    );
    const client = connect(server.url);
    for (let call = 0; call < 10; call++) await ask(client);
    expect(lines.lines.map(({ msg }) => msg)).toEqual([
      ...Array(4).fill('service call failed'),
      'circuit breaker opened',
      'service call failed',
    ]);
    while (client.status().breaker === 'OPEN') await new Promise((resolve) => setTimeout(resolve, 100));
    for (let call = 0; call < 3; call++) await ask(client);
    await client.close();
    expect(lines.with({ msg: 'circuit breaker closed', level: 'warn', service: 'IMGCACHE' })).toHaveLength(1);
  });
});
