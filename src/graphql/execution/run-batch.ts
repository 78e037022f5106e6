import type { ExecutionResult } from 'graphql';
import type { RunningOperation } from '../../request/request-scope.js';
import { type PreparedOperation, refused, tooCostly } from './prepare-operation.js';

export interface BatchOptions {
  /** Of all operations together that would run; beyond it, none of them does. */
  maxCost: number;
  /** Called with each result as it comes. */
  finish(result: ExecutionResult, note: RunningOperation | null): ExecutionResult;
}

/**
 * Runs the operations of a batch, all at once. With a mutation among them they run one after the other, so that each sees
 * what those before it changed.
 * @returns a result for each, in their order
 */
export async function runBatch(
  operations: readonly PreparedOperation[],
  { maxCost, finish }: BatchOptions,
): Promise<ExecutionResult[]> {
  const runOne = async ({ note, run }: PreparedOperation) => finish(await run(), note);
  const limited = limitCost(operations, maxCost);
  if (!hasMutation(operations)) return Promise.all(limited.map(runOne));
  const results: ExecutionResult[] = [];
  for (const operation of limited) results.push(await runOne(operation));
  return results;
}

/** What the log tells of a batch: it has one line, as any request. Null when none of its operations could be read. */
export function noteOfBatch(operations: readonly PreparedOperation[]): RunningOperation | null {
  const first = operations.find(({ note }) => note)?.note;
  if (!first) return null;
  const kind = hasMutation(operations) ? 'mutation' : first.kind;
  return { kind, name: undefined, cost: costOf(operations), startedAt: first.startedAt };
}

function hasMutation(operations: readonly PreparedOperation[]): boolean {
  return operations.some(({ note }) => note?.kind === 'mutation');
}

/** The cost of all that would run. */
function costOf(operations: readonly PreparedOperation[]): number {
  return operations.reduce((sum, { refusal, note }) => sum + (refusal ? 0 : (note?.cost ?? 0)), 0);
}

function limitCost(operations: readonly PreparedOperation[], maxCost: number): readonly PreparedOperation[] {
  const cost = costOf(operations);
  if (cost <= maxCost) return operations;
  const error = () => tooCostly(`The operations of the batch may cost ${cost} together`, cost, maxCost);
  return operations.map((operation) => (operation.refusal ? operation : refused([error()], operation.note)));
}
