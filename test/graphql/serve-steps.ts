import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anonymous } from '#src/access/identity.js';
import { createMaskError } from '#src/graphql/execution/mask-error.js';
import { createGraphQLOverHttp } from '#src/graphql/http.js';
import { readJsonBody } from '#src/graphql/params.js';
import { createFinish } from '#src/graphql/result.js';
import type { GraphQLSteps } from '#src/graphql/steps.js';
import { findAny } from '#src/graphql/trusted-documents.js';
import { RequestScope } from '#src/request/request-scope.js';

export interface StepsServer {
  url: string;
  close(): void;
}

/** The media types of the two ways: the short one, and Yoga's. */
export const WAYS = { 'the short way': 'application/json', Yoga: 'text/event-stream' };

/** Serves GraphQL over HTTP by these steps, and the usual ones for the others. The id of each request is `mine`. */
export async function serveSteps(
  steps: Partial<GraphQLSteps> & Pick<GraphQLSteps, 'run'>,
  report: (error: unknown, requestId?: string) => void = () => {},
): Promise<StepsServer> {
  const handle = createGraphQLOverHttp({
    readJson: (req) => readJsonBody(req, 10_000),
    readMultipart: () => Promise.reject(new Error('Not tested here.')),
    findDocument: findAny,
    finish: createFinish({ maskError: createMaskError(report) }),
    ...steps,
  });
  const server = createServer((req, res) => {
    handle({ req, res, scope: new RequestScope(req, res, { id: 'mine' }), identity: anonymous });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/graphql`, close: () => server.close() };
}

/** The result in a response of either way. */
export async function resultOf(response: Response) {
  const text = await response.text();
  return JSON.parse(/^data: (.+)$/m.exec(text)?.[1] ?? text);
}
