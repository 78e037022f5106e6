import type { IncomingMessage, ServerResponse } from 'node:http';
import { createYoga, type Plugin } from 'graphql-yoga';
import { expect, it } from 'vitest';
import { createMaskError } from '#src/graphql/execution/mask-error.js';
import { maskLater, useErrorsForClients } from '#src/graphql/use-errors-for-clients.js';
import { carryRequest } from '#src/request/gateway-request.js';

const failing: [where: string, plugin: Plugin][] = [
  [
    'while a request is read',
    {
      onRequestParse: ({ setRequestParser }) =>
        setRequestParser(() => {
          throw new TypeError('secret');
        }),
    },
  ],
  [
    'while parameters are checked',
    {
      onParams() {
        throw 'secret';
      },
    },
  ],
  ['while an operation runs', { onParams: ({ setParamsHandler }) => setParamsHandler(() => fail()) }],
];

async function fail(): Promise<never> {
  throw new Error('secret');
}

it.each(failing)('An unexpected error %s is a 500 with the id of the request', async (_where, plugin) => {
  const reported: unknown[] = [];
  const maskError = createMaskError((error, requestId) => reported.push([error, requestId]));
  const yoga = createYoga<{ req: IncomingMessage; res: ServerResponse }>({
    plugins: [useErrorsForClients({ maskError }), plugin],
    maskedErrors: { maskError: maskLater },
    logging: false,
  });
  const request = { id: 'mine', caller: null, operation: null, serviceCalls: 0 };
  const context = { req: {} as IncomingMessage, res: carryRequest({} as ServerResponse, request) };
  const answer = await yoga.fetch('http://yoga/graphql?query={a}', {}, context);
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({
    errors: [
      {
        message: 'Unexpected error.',
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'mine' },
      },
    ],
  });
  expect(reported).toEqual([[expect.objectContaining({ message: 'secret' }), 'mine']]);
});
