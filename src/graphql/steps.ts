import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import type { Identity } from '../access/identity.js';
import type { RequestScope, RunningOperation } from '../request/request-scope.js';
import type { OperationParams, PreparedOperation } from './execution/prepare-operation.js';

/** A request, its response, its scope, and who asks. */
export interface NodeContext {
  req: IncomingMessage;
  res: ServerResponse;
  scope: RequestScope;
  identity: Identity;
}

/** The steps of a request of GraphQL over HTTP, in their order. Both ways through http.ts take these. */
export interface GraphQLSteps {
  /** Reads a JSON body. */
  readJson(req: IncomingMessage): Promise<GraphQLParams | GraphQLParams[]>;
  /** Reads a multipart body, of which the files come in while the operation runs. */
  readMultipart(context: NodeContext): Promise<GraphQLParams | GraphQLParams[]>;
  /**
   * Gives the parameters the text of the document that they name. Parameters that it gave, it gives again.
   * @throws GraphQLError for a document that may not run, or is not known
   */
  findDocument(params: GraphQLParams): GraphQLParams;
  /** Reads and checks the operation that checked parameters ask for. */
  prepare(params: OperationParams, method: string, context: NodeContext): PreparedOperation;
  /** The highest cost of all operations of a request together. */
  maxCost: number;
  /** Makes the result that the client sees, and reports it. */
  finish(result: ExecutionResult, context: NodeContext, note: RunningOperation | null): ExecutionResult;
}
