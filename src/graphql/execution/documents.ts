import {
  type ASTNode,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  OperationTypeNode,
  specifiedRules,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { nameArgument } from './argument-errors.js';
import { parseWithinLimits } from './document-limits.js';
import { createCompiledCode } from './execution.js';
import { NoIntrospectionRule } from './no-introspection.js';
import { NoProtoRule } from './no-proto.js';
import { Operation } from './operation.js';

export interface DocumentsOptions {
  schema: GraphQLSchema;
  /** Whether clients may ask for the schema, also by the suggestions in errors. */
  introspection: boolean;
}

/** Why nothing of a request was run. */
export interface Refusal {
  errors: readonly GraphQLError[];
}

interface CheckedDocument {
  /** Null when it could not be read. */
  document: DocumentNode | null;
  /** Empty when it is valid. */
  errors: readonly GraphQLError[];
}

const MAX_KEPT = 500;
/** A character takes up to 120 bytes when it is parsed. */
const MAX_KEPT_CHARACTERS = 1_000_000;

/** Parses and validates queries, and keeps what was asked last, good or bad. */
export class Documents {
  readonly #options: DocumentsOptions;
  readonly #kept = new LRUCache<string, CheckedDocument>({
    max: MAX_KEPT,
    maxSize: MAX_KEPT_CHARACTERS,
    sizeCalculation: (_, query) => query.length + 1, // A size must not be 0.
    dispose: ({ document }) => this.#forgetOperations(document),
  });
  /** By what the parser made of them, all of which they hold: they go with their document. */
  readonly #operations = new LRUCache<ASTNode, Operation>({ max: MAX_KEPT });
  readonly #compiledCode = createCompiledCode();

  constructor(options: DocumentsOptions) {
    this.#options = options;
  }

  /**
   * @param operationName null, empty or absent for the only one
   * @param method of HTTP
   */
  operation(query: string, operationName: string | null | undefined, method: string): Operation | Refusal {
    const { document, errors } = this.#kept.get(query) ?? this.#check(query);
    if (!document) return { errors };
    const node = getOperationAST(document, operationName === '' ? null : operationName);
    if (!node) return refusal(unknownOperation());
    if (node.operation === OperationTypeNode.MUTATION && method === 'GET') return refusal(mutationByGet());
    if (errors.length > 0) return { errors };
    return this.#operations.get(node) ?? this.#open(document, node);
  }

  #check(query: string): CheckedDocument {
    const checked = this.#read(query);
    this.#kept.set(query, checked);
    return checked;
  }

  #read(query: string): CheckedDocument {
    try {
      const document = parseWithinLimits(query);
      return { document, errors: this.#validate(document) };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return { document: null, errors: [asBadDocument(error, 'GRAPHQL_PARSE_FAILED')] };
    }
  }

  #validate(document: DocumentNode): GraphQLError[] {
    const { schema, introspection } = this.#options;
    const rules = [...specifiedRules, NoProtoRule, ...(introspection ? [] : [NoIntrospectionRule])];
    return validate(schema, document, rules, { hideSuggestions: !introspection }).map((error) =>
      asBadDocument(nameArgument(error, document), 'GRAPHQL_VALIDATION_FAILED'),
    );
  }

  #open(document: DocumentNode, node: OperationDefinitionNode): Operation | Refusal {
    const { schema, introspection } = this.#options;
    // The rules of validation let pass what the schema has no type for.
    if (!schema.getRootType(node.operation)) return refusal(noneOfKind(node));
    const operation = new Operation(document, node, {
      schema,
      hideSuggestions: !introspection,
      compiledCode: this.#compiledCode,
    });
    this.#operations.set(node, operation);
    return operation;
  }

  #forgetOperations(document: DocumentNode | null): void {
    for (const definition of document?.definitions ?? []) this.#operations.delete(definition);
  }
}

export function refusal(error: GraphQLError): Refusal {
  return { errors: [error] };
}

/** Clients of application/json get a 200 all the same, as GraphQL over HTTP has it. */
function asBadDocument(error: GraphQLError, code: string): GraphQLError {
  error.extensions.code ??= code;
  error.extensions.http ??= { spec: true, status: 400 };
  return error;
}

function unknownOperation(): GraphQLError {
  return new GraphQLError('Could not determine what operation to execute.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE', http: { status: 400 } },
  });
}

function mutationByGet(): GraphQLError {
  return new GraphQLError('Can only perform a mutation operation from a POST request.', {
    extensions: { code: 'BAD_REQUEST', http: { status: 405, headers: { Allow: 'POST' } } },
  });
}

function noneOfKind(node: OperationDefinitionNode): GraphQLError {
  const error = new GraphQLError(`The schema has no ${node.operation}.`, { nodes: node });
  return asBadDocument(error, 'GRAPHQL_VALIDATION_FAILED');
}
