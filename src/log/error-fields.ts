import { bounded, withoutCredentials } from './texts.js';

const MAX_STACK_LENGTH = 4000;
const MAX_CAUSES = 4;

/** What the log tells of an error. */
export interface ErrorFields {
  type: string;
  message: string;
  /** Such as ECONNREFUSED. */
  code?: string;
  stack?: string;
  cause?: ErrorFields;
}

/**
 * Takes of an error what helps to find its cause. What libraries add to theirs stays out: undici's hold what was
 * received, GraphQL's the query.
 */
export function errorFields(error: unknown, maxCauses = MAX_CAUSES): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: textOf(error) };
  const { name, message, stack, code } = error as NodeJS.ErrnoException;
  const cause = causeOf(error);
  return {
    type: name,
    message: bounded(withoutCredentials(message)),
    ...(typeof code === 'string' && { code }),
    ...(stack !== undefined && { stack: bounded(withoutCredentials(stack), MAX_STACK_LENGTH) }),
    ...(cause !== undefined && maxCauses > 0 && { cause: errorFields(cause, maxCauses - 1) }),
  };
}

/** Why something failed that was bound to fail at times, in one line: what caused it, and what caused that. */
export function causesOf(error: unknown): string {
  const messages: string[] = [];
  for (
    let cause = causeOf(error);
    cause !== undefined && messages.length < MAX_CAUSES;
    cause = causeOf(cause)
  )
    messages.push(errorFields(cause, 0).message);
  return messages.join(': ');
}

function causeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  return error instanceof AggregateError ? error.errors[0] : error.cause;
}

/** Anything can be thrown, also what cannot be written as a text. */
function textOf(thrown: unknown): string {
  try {
    return bounded(withoutCredentials(String(thrown)));
  } catch {
    return 'It cannot be written as a text.';
  }
}
