import { setImmediate } from 'node:timers/promises';
import { type ExecutionResult, execute, GraphQLError, parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseWithinLimits } from '#src/graphql/execution/document-limits.js';
import { ServiceError } from '#src/services/errors.js';
import { createRun } from '../ask.js';
import { outcomeOf } from './outcome.js';
import { createRandom } from './random.js';
import { randomDocument, randomVariables } from './random-document.js';
import { type Journal, parts, schema } from './schema.js';

const RUNS = 3000;
const SEED = Number(process.env.DIFFERENTIAL_SEED ?? 1);

type Variables = Record<string, unknown>;

/** Runs an operation by graphql-js alone, with the codes that clients shall see. */
async function interpreted(query: string, operationName: string, variableValues: Variables) {
  const journal: Journal = [];
  const document = parse(query);
  const { data, errors } = await execute({
    schema,
    document,
    operationName,
    variableValues,
    contextValue: { journal },
  });
  const shown = errors?.map(
    (error) => new GraphQLError('', { path: error.path, extensions: { code: codeOf(error) } }),
  );
  return { ...outcomeOf({ ...(data !== undefined && { data }), ...(shown && { errors: shown }) }), journal };
}

/** What graphql-js says itself has no code, and is about what the client sent unless it is a plain Error. */
function codeOf(error: GraphQLError): unknown {
  const original = error.originalError ?? error;
  if (original instanceof ServiceError) return `SERVICE_${original.code}`;
  if (!(original instanceof GraphQLError)) return 'INTERNAL_SERVER_ERROR';
  return original.extensions.code ?? 'BAD_USER_INPUT';
}

async function compiled(query: string, operationName: string, given: Variables) {
  const journal: Journal = [];
  const result: ExecutionResult = await run(
    { query, operationName, variables: given },
    { context: () => ({ journal }) },
  );
  return { ...outcomeOf(result), journal };
}

const run = createRun(parts);

/** Whether it is valid, and within the limits. */
function isRunnable(query: string): boolean {
  try {
    return validate(schema, parseWithinLimits(query)).length === 0;
  } catch {
    return false;
  }
}

// Where an item of a list fails at once, graphql-js forgets the items beside it that fail later.
const listeners = process.listeners('unhandledRejection');
beforeAll(() => {
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', () => {});
});
afterAll(() => {
  process.removeAllListeners('unhandledRejection');
  for (const listener of listeners) process.on('unhandledRejection', listener);
});

it(`gives what graphql-js gives, for random documents whose operations run in any order (seed ${SEED})`, async () => {
  const counts = { documents: 0, notRunnable: 0, runs: 0, withErrors: 0 };
  for (let seed = SEED; counts.runs < RUNS; seed++) {
    const random = createRandom(seed);
    const { query, operations } = randomDocument(random, schema);
    if (!isRunnable(query)) {
      counts.notRunnable++;
      continue;
    }
    counts.documents++;
    await setImmediate(); // Rejections that nobody handles are told between turns of the event loop.
    for (let turn = 2 + random.below(4); turn > 0; turn--) {
      const operation = random.pick(operations);
      const given = randomVariables(random);
      const expected = await interpreted(query, operation, given);
      const seen = await compiled(query, operation, given);
      expect(seen, `seed ${seed}, ${operation} with ${JSON.stringify(given)} of\n${query}`).toEqual(expected);
      counts.runs++;
      if (expected.errors.length > 0) counts.withErrors++;
    }
  }
  process.stdout.write(`Random operations compared with graphql-js: ${JSON.stringify(counts)}\n`);
});
