import { bounded, redactCredentials } from './redaction.js';

const MAX_STACK_LENGTH = 4000;
const MAX_CAUSES = 4;

/** The fields of an error in the log. */
export interface ErrorFields {
  type: string;
  message: string;
  /** Such as ECONNREFUSED. */
  code?: string;
  stack?: string;
  cause?: ErrorFields;
}

/**
 * The fields of an error that help to find its cause. Those that libraries add stay out: undici's hold the bytes that
 * it received, GraphQL's the query.
 * @param maxCauses the most causes that follow
 */
export function errorFields(error: unknown, maxCauses = MAX_CAUSES): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: textOf(error) };
  const { name, message, stack, code } = error as NodeJS.ErrnoException;
  const cause = causeOf(error);
  return {
    type: name,
    message: bounded(redactCredentials(message)),
    ...(typeof code === 'string' && { code }),
    ...(stack !== undefined && { stack: bounded(redactCredentials(stack), MAX_STACK_LENGTH) }),
    ...(cause !== undefined && maxCauses > 0 && { cause: errorFields(cause, maxCauses - 1) }),
  };
}

/** The causes of an expected failure, in one line: its own first, then the cause of that. */
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

/** The text of any thrown value, which may fail to be turned into one. */
function textOf(thrown: unknown): string {
  try {
    return bounded(redactCredentials(String(thrown)));
  } catch {
    return 'It cannot be written as a text.';
  }
}
