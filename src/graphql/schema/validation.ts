import { z } from 'zod';
import { bucketProblem } from '../../services/bucket.js';
import { isLine, isStorable } from '../../services/storable-text.js';
import { parseRfc3339 } from '../../services/timestamp.js';
import { badUserInput, checkKeys } from './bad-user-input.js';
import { InvalidInputError } from './errors.js';

const line = z
  .string()
  .min(1, 'must not be empty.')
  .refine(isLine, 'must not have control characters or broken Unicode.');

/** One line of text, from one character to as many bytes of UTF-8. */
export function lineOfBytes(max: number) {
  return line.refine((text) => Buffer.byteLength(text) <= max, `must have at most ${max} bytes.`);
}

/** One line of text, from one to as many characters. */
export function lineOfCharacters(max: number) {
  return line.refine((text) => [...text].length <= max, `must have at most ${max} characters.`);
}

/** A key that a service is given: it finds what there is under it, or nothing. */
export const keyText = z.string().refine(isStorable, 'must not have NUL characters or broken Unicode.');

/** The name of a bucket, or none. */
export const bucketText = z
  .string()
  .superRefine((name, context) => {
    const problem = bucketProblem(name);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  })
  .nullish();

/** The bucket that a field is asked about. */
export function checkBucket(argument: string, bucket: string | null | undefined): string | undefined {
  const problem = typeof bucket === 'string' ? bucketProblem(bucket) : null;
  if (problem !== null) throw badUserInput(`${argument} ${problem}`);
  return bucket ?? undefined;
}

/** A time in the form that all times have here. */
export const timeText = z.string().refine((text) => parseRfc3339(text) === text);

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
  if (isStorable(text)) return text;
  throw badUserInput(`${argument} must not have NUL characters or broken Unicode.`);
}

/** The collections that a field is asked for, each once. */
export function checkCollectionIds(collectionIds: readonly string[]): string[] {
  const distinct = new Set(checkKeys('collectionIds', collectionIds));
  return [...distinct].map((collectionId) => checkText('collectionIds', collectionId));
}
