import { HttpError } from '../../http/errors.js';

/** Fields that are missing or wrong, as pydantic words them. */
export class InvalidFields extends HttpError {
  readonly problems: readonly FieldProblem[];

  constructor(problems: readonly FieldProblem[]) {
    super(422, 'The request is not valid.');
    this.problems = problems;
  }
}

export type FieldPlace = readonly ['body' | 'query', string];

/** One problem of a 422 response, in the order of keys in which the original writes it. */
export interface FieldProblem {
  type: string;
  loc: FieldPlace;
  msg: string;
  input: string | null;
  ctx?: Readonly<Record<string, unknown>>;
}

export function missing(loc: FieldPlace): FieldProblem {
  return { type: 'missing', loc, msg: 'Field required', input: null };
}

export function notAnInteger(loc: FieldPlace, input: string): FieldProblem {
  const msg = 'Input should be a valid integer, unable to parse string as an integer';
  return { type: 'int_parsing', loc, msg, input };
}

export function notABoolean(loc: FieldPlace, input: string): FieldProblem {
  return { type: 'bool_parsing', loc, msg: 'Input should be true or false', input };
}

export function noBuckets(loc: FieldPlace, input: string): FieldProblem {
  return badValue(loc, input, 'There are no buckets here: leave the bucket out, or empty');
}

export function tooSmall(loc: FieldPlace, input: string, least: number): FieldProblem {
  const msg = `Input should be greater than or equal to ${least}`;
  return { type: 'greater_than_equal', loc, msg, input, ctx: { ge: least } };
}

export function tooLarge(loc: FieldPlace, input: string, most: number): FieldProblem {
  const msg = `Input should be less than or equal to ${most}`;
  return { type: 'less_than_equal', loc, msg, input, ctx: { le: most } };
}

export function noneOf(loc: FieldPlace, input: string, words: readonly string[]): FieldProblem {
  const pattern = `^(${words.join('|')})$`;
  const msg = `String should match pattern '${pattern}'`;
  return { type: 'string_pattern_mismatch', loc, msg, input, ctx: { pattern } };
}

export function notATime(loc: FieldPlace, input: string): FieldProblem {
  return { type: 'datetime_parsing', loc, msg: 'Input should be a valid ISO 8601 date and time', input };
}

export function tooLong(loc: FieldPlace, input: string, maxLength: number): FieldProblem {
  const msg = `String should have at most ${maxLength} characters`;
  return { type: 'string_too_long', loc, msg, input, ctx: { max_length: maxLength } };
}

/** @param reason the text of the ValueError that the original would have raised */
export function badValue(loc: FieldPlace, input: string, reason: string): FieldProblem {
  return { type: 'value_error', loc, msg: `Value error, ${reason}`, input, ctx: { error: {} } };
}

export function unstorable(loc: FieldPlace, text: string): FieldProblem {
  return badValue(loc, text, 'A text cannot hold the character NUL');
}
