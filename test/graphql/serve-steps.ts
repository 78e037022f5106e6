import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExecutionResult } from 'graphql';
import { anonymous } from '#src/access/identity.js';
import { createMaskError } from '#src/graphql/execution/mask-error.js';
import type { OperationParams } from '#src/graphql/execution/prepare-operation.js';
import { createGraphQLOverHttp } from '#src/graphql/http.js';
import { readJsonBody } from '#src/graphql/params.js';
import { findPersisted } from '#src/graphql/persisted-queries.js';
import { createFinish } from '#src/graphql/result.js';
import type { GraphQLSteps, NodeContext } from '#src/graphql/steps.js';
import { RequestScope } from '#src/request/request-scope.js';

export interface StepsServer {
  url: string;
  close(): void;
}

/** The media types of the two ways: the short one, and Yoga's. */
export const WAYS = { 'the short way': 'application/json', Yoga: 'text/event-stream' };

export interface TestedSteps extends Partial<GraphQLSteps> {
  /** Runs the operation of checked parameters, whatever it is. */
  run(params: OperationParams, method: string, context: NodeContext): Promise<ExecutionResult>;
}

/** Serves GraphQL over HTTP by these steps, and the usual ones for the others. The id of each request is `mine`. */
export async function serveSteps(
  { run, ...steps }: TestedSteps,
  report: (error: unknown, requestId?: string) => void = () => {},
): Promise<StepsServer> {
  const handle = createGraphQLOverHttp({
    readJson: (req) => readJsonBody(req, 10_000),
    readMultipart: () => Promise.reject(new Error('Not tested here.')),
    findDocument: findPersisted(),
    prepare: (...asked) => ({ note: null, refusal: null, run: () => run(...asked) }),
    maxCost: Number.MAX_SAFE_INTEGER,
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
