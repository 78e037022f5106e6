import { z } from 'zod';
import { badUserInput } from './bad-user-input.js';
import { InvalidInputError } from './errors.js';

/** Controls, and halves of surrogate pairs: text that no database, header or log line keeps as it is. */
const UNFIT = /[\p{Cc}\p{Cs}]/u;

/** One line of text, from one character to as many bytes of UTF-8. */
export function lineOfText(maxBytes: number) {
  return z
    .string()
    .min(1, 'must not be empty.')
    .refine((text) => Buffer.byteLength(text) <= maxBytes, `must have at most ${maxBytes} bytes.`)
    .refine((text) => !UNFIT.test(text), 'must not have control characters or broken Unicode.');
}

/** @throws InvalidInputError with every rule of the schema that the input breaks */
export function checkInput<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new InvalidInputError(
    result.error.issues.map(({ path, message }) => ({ path: ['input', ...path.map(String)], message })),
  );
}

/** Text that a service is asked for: anything it could have stored. */
export function checkText(argument: string, text: string): string {
  if (!text.includes('\0') && text.isWellFormed()) return text;
  throw badUserInput(`${argument} must not have NUL characters or broken Unicode.`);
}
