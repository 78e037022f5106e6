import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../harness/gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

describe('GraphQL over HTTP', () => {
  for (const audit of serverAudits({ url: () => `${gateway.url}/graphql` })) {
    it(audit.name, async () => {
      expect(await audit.fn()).toMatchObject({ status: 'ok' });
    });
  }
});
