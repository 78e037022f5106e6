import { describe, expect, it } from 'vitest';
import { resultOf, serveSteps, type TestedSteps, WAYS } from './serve-steps.js';

const failing: [step: string, steps: Partial<TestedSteps>][] = [
  ['a body is read', { readJson: () => Promise.reject(new TypeError('secret')) }],
  [
    'a document is found',
    {
      findDocument() {
        throw 'secret';
      },
    },
  ],
  ['an operation runs', { run: () => Promise.reject(new Error('secret')) }],
];

describe.each(Object.entries(WAYS))('by %s', (_way, accept) => {
  it.each(failing)(
    'an unexpected error while %s is a 500 with the id of the request',
    async (_step, steps) => {
      const reported: unknown[] = [];
      const report = (error: unknown, requestId?: string) => reported.push([error, requestId]);
      const server = await serveSteps({ run: async () => ({ data: null }), ...steps }, report);
      const headers = { 'content-type': 'application/json', accept };
      const response = await fetch(server.url, { method: 'POST', headers, body: '{"query":"{a}"}' });
      server.close();
      expect(response.status).toBe(500);
      expect(await resultOf(response)).toEqual({
        errors: [
          {
            message: 'Unexpected error.',
            extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'mine' },
          },
        ],
      });
      expect(reported).toEqual([[expect.objectContaining({ message: 'secret' }), 'mine']]);
    },
  );
});
