import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLSchema,
  isValueNode,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import { LRUCache } from 'lru-cache';
import { asBadInput } from './argument-errors.js';
import { compiledFields, createNeedsInterpreter, hasRecursiveVariables } from './compilable.js';
import { conditionVariables, withoutConditions } from './conditions.js';
import type { Fragments } from './fragments.js';
import type { Variables, VariableType } from './variables.js';

/** Compiled code by the operation and the values of its conditions. Its size is counted in fields. */
export type CompiledCode = LRUCache<string, CompiledQuery>;

/** Of compiled code, a field of which takes 2000 bytes. */
const MAX_KEPT_FIELDS = 50_000;
const MAX_KEPT = 500;

export function createCompiledCode(maxFields = MAX_KEPT_FIELDS): CompiledCode {
  return new LRUCache({ max: MAX_KEPT, maxSize: maxFields });
}

export interface ExecutionOptions {
  schema: GraphQLSchema;
  /** Shared by all operations, so that it is bounded as a whole. */
  compiledCode: CompiledCode;
}

/**
 * The value of a resolver for a String, a number or an enum is one already: TypeScript checks the types, and the
 * decoders of the services' responses the bounds of an Int.
 */
const OPTIONS = { disableLeafSerialization: true };
/** Of the values of conditions that an operation is compiled for; with others it is interpreted. */
const MAX_VARIANTS = 16;
/** Of the compiled code of an operation. */
const MAX_COMPILED_FIELDS = 5000;

/** That take as much memory as the code of a field. */
const CHARACTERS_PER_FIELD = 16;

let nextId = 0;

/**
 * Runs one operation as a compiled function, which takes half the CPU of a walk over the tree, and by graphql-js where
 * graphql-jit is wrong.
 */
export class Execution {
  readonly #id = nextId++;
  readonly #options: ExecutionOptions;
  /** The operation alone, and the fragments that it spreads. */
  readonly #document: DocumentNode;
  /** Null when nothing depends on conditions. */
  readonly #conditions: readonly string[] | null;
  readonly #needsInterpreter: (variables: Variables) => boolean;
  /** The values of conditions that it was compiled for. */
  readonly #variants = new Set<string>();
  readonly #size: number;
  /** Compiled code holds what the parser made of the text, at some 120 bytes for a character. */
  readonly #sizeOfText: number;
  #isCompilable: boolean;

  /** @param types of its variables */
  constructor(
    node: OperationDefinitionNode,
    fragments: Fragments,
    types: readonly VariableType[],
    options: ExecutionOptions,
  ) {
    this.#options = options;
    this.#document = documentOf(node, fragments);
    this.#conditions = conditionVariables(this.#document);
    this.#needsInterpreter = createNeedsInterpreter(options.schema, this.#document, types);
    this.#size = compiledFields(options.schema, node, fragments, MAX_COMPILED_FIELDS);
    this.#sizeOfText = Math.ceil((node.loc?.source.body.length ?? 0) / CHARACTERS_PER_FIELD);
    this.#isCompilable = Number.isFinite(this.#size) && !hasRecursiveVariables(types);
  }

  /** @param variables valid, with their defaults */
  run(context: unknown, variables: Variables): Promise<ExecutionResult> | ExecutionResult {
    const isCompilable = this.#isCompilable && !this.#needsInterpreter(variables);
    const compiled = isCompilable ? this.#compiledFor(variables) : null;
    const result = compiled?.query(undefined, context, variables);
    // Without data it refused variables that graphql-js takes, and ran nothing.
    if (result && (result instanceof Promise || result.data !== undefined)) return result;
    return this.#interpret(context, variables);
  }

  async #interpret(contextValue: unknown, variableValues: Variables): Promise<ExecutionResult> {
    const { schema } = this.#options;
    const { data, errors } = await execute({
      schema,
      document: this.#document,
      contextValue,
      variableValues,
    });
    return { data: data ?? null, ...(errors && { errors: errors.map(asErrorOfArgument) }) };
  }

  /** Null when it cannot be compiled, or was compiled for many other values of its conditions. */
  #compiledFor(variables: Variables): CompiledQuery | null {
    const variant = this.#conditions?.map((name) => (variables[name] ? 1 : 0)).join('') ?? '';
    const key = `${this.#id} ${variant}`;
    const kept = this.#options.compiledCode.get(key);
    if (kept) return kept;
    if (!this.#variants.has(variant) && this.#variants.size === MAX_VARIANTS) return null;
    this.#variants.add(variant);
    const { schema, compiledCode } = this.#options;
    const document = this.#conditions ? withoutConditions(this.#document, variables) : this.#document;
    const compiled = compileQuery(schema, document, '', OPTIONS);
    this.#isCompilable = isCompiledQuery(compiled);
    if (!isCompiledQuery(compiled)) return null;
    compiledCode.set(key, compiled, { size: this.#size + this.#sizeOfText });
    return compiled;
  }
}

/** graphql-js gives no code to its errors of arguments, of which only these point at a value of the query. */
function asErrorOfArgument(error: GraphQLError): GraphQLError {
  const [node] = error.nodes ?? [];
  return node && isValueNode(node) ? asBadInput(error) : error;
}

function documentOf(node: OperationDefinitionNode, fragments: Fragments): DocumentNode {
  return { kind: Kind.DOCUMENT, definitions: [node, ...fragments.values()] };
}
