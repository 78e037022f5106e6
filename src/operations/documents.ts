import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  specifiedRules,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { nameArgument } from './argument-errors.js';
import { checkLength, parseWithinLimits } from './document-limits.js';
import { NoIntrospectionRule } from './no-introspection.js';
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
  /** Those that were asked for. */
  operations: Map<OperationDefinitionNode, Operation>;
}

const MAX_KEPT = 500;
const MAX_KEPT_CHARACTERS = 5_000_000;

/** Parses and validates queries, and keeps what was asked last, good or bad. */
export class Documents {
  readonly #options: DocumentsOptions;
  readonly #kept = new LRUCache<string, CheckedDocument>({
    max: MAX_KEPT,
    maxSize: MAX_KEPT_CHARACTERS,
    sizeCalculation: (_, query) => query.length + 1,
  });

  constructor(options: DocumentsOptions) {
    this.#options = options;
  }

  /**
   * @param operationName null or absent for the only one
   * @throws GraphQLError when the query is too long to be read
   */
  operation(query: string, operationName: string | null | undefined): Operation | Refusal {
    const { document, errors, operations } = this.#kept.get(query) ?? this.#check(query);
    if (!document) return { errors };
    const node = getOperationAST(document, operationName);
    if (!node) return unknownOperation();
    if (errors.length > 0) return { errors };
    const known = operations.get(node);
    if (known) return known;
    const operation = this.#open(document, node);
    operations.set(node, operation);
    return operation;
  }

  #check(query: string): CheckedDocument {
    checkLength(query);
    const checked = this.#read(query);
    this.#kept.set(query, checked);
    return checked;
  }

  #read(query: string): CheckedDocument {
    const operations = new Map<OperationDefinitionNode, Operation>();
    try {
      const document = parseWithinLimits(query);
      return { document, errors: this.#validate(document), operations };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return { document: null, errors: [refused(error, 'GRAPHQL_PARSE_FAILED')], operations };
    }
  }

  #validate(document: DocumentNode): GraphQLError[] {
    const { schema, introspection } = this.#options;
    const rules = introspection ? specifiedRules : [...specifiedRules, NoIntrospectionRule];
    return validate(schema, document, rules, { hideSuggestions: !introspection }).map((error) =>
      refused(nameArgument(error, document), 'GRAPHQL_VALIDATION_FAILED'),
    );
  }

  #open(document: DocumentNode, node: OperationDefinitionNode): Operation {
    const { schema, introspection } = this.#options;
    return new Operation(document, node, { schema, hideSuggestions: !introspection });
  }
}

/** Clients of application/json get a 200 all the same, as GraphQL over HTTP has it. */
function refused(error: GraphQLError, code: string): GraphQLError {
  error.extensions.code ??= code;
  error.extensions.http ??= { spec: true, status: 400 };
  return error;
}

function unknownOperation(): Refusal {
  const message = 'Could not determine what operation to execute.';
  const extensions = { code: 'OPERATION_RESOLUTION_FAILURE', http: { status: 400 } };
  return { errors: [new GraphQLError(message, { extensions })] };
}
