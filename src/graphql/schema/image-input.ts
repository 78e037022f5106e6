import { GraphQLError } from 'graphql';
import { type StagedImage, TooManyBytesError } from '../../services/staged-image.js';
import { badUserInput } from './bad-user-input.js';
import { builder } from './builder.js';
import type { GraphContext } from './context.js';
import { InvalidImageError, InvalidInputError } from './errors.js';
import { lineOfBytes } from './validation.js';

export const ImageInput = builder.inputType('ImageInput', {
  description:
    'The bytes of an image: as a file of a multipart request, or inline for small ones and for GraphiQL.',
  isOneOf: true,
  fields: (t) => ({
    upload: t.field({ type: 'Upload', description: 'A file of a GraphQL multipart request.' }),
    base64: t.string({ description: 'The bytes in base64; a data: URL of them is understood too.' }),
  }),
});

export const filenameRule = lineOfBytes(1024);

type ImageInputShape = typeof ImageInput.$inferInput;

/** Receives the bytes. The caller disposes of them. */
export async function stageImage(
  { upload, base64 }: ImageInputShape,
  path: readonly string[],
  { staging, maxUploadBytes: maxBytes, scope }: GraphContext,
): Promise<StagedImage> {
  if (upload) {
    const { image } = await upload;
    scope.gone.throwIfAborted();
    return image.share().catch((error) => {
      scope.gone.throwIfAborted(); // The file goes with the client.
      throw error;
    });
  }
  if (typeof base64 === 'string')
    return staging.stage([decodeBase64(base64, [...path, 'base64'])], { maxBytes, signal: scope.gone });
  // Validation lets a variable pass that may be null for the one that @oneOf asks for.
  throw new InvalidInputError([{ path, message: 'must have upload or base64, and not null.' }]);
}

/** The names that FormData and this package's client give to a file that has none. */
const NO_NAMES: ReadonlySet<string> = new Set(['blob', 'upload']);

/** The name that a file was uploaded with; undefined for none, and for one that cannot be kept. */
export async function ownFilename({ upload }: ImageInputShape): Promise<string | undefined> {
  const { data: name } = filenameRule.safeParse((await upload)?.filename);
  return name === undefined || NO_NAMES.has(name) ? undefined : name;
}

/** Refuses what is no picture, so that it is stored nowhere. */
export async function requirePicture(image: StagedImage): Promise<void> {
  const { problem } = await image.facts();
  if (problem !== null) throw new InvalidImageError(problem);
}

/**
 * Standard and URL-safe base64, with or without padding, in lines or not; anything else is refused. So is a space: a form
 * makes one of each `+`, and the bytes would be others without it.
 */
function decodeBase64(text: string, path: readonly string[]): Uint8Array {
  const digits = text
    .replace(/^data:[^,]*;base64,/i, '')
    .replace(/[\t\r\n]+/g, '')
    .replace(/=+$/, '');
  if (digits.includes(' '))
    throw new InvalidInputError([{ path, message: 'must be base64: a space in it may have been a +.' }]);
  if (!/^[A-Za-z0-9+/_-]*$/.test(digits) || digits.length % 4 === 1)
    throw new InvalidInputError([{ path, message: 'must be base64.' }]);
  return Buffer.from(digits, 'base64');
}

/**
 * Receives the picture of a question. Unlike those of a mutation, bad bytes fail the field with an error of their own.
 * The caller disposes of it.
 */
export async function stageQuestion(
  input: ImageInputShape,
  path: readonly string[],
  context: GraphContext,
): Promise<StagedImage> {
  try {
    const image = await stageImage(input, path, context);
    return await requirePicture(image).then(
      () => image,
      async (error) => {
        await image[Symbol.asyncDispose]();
        throw error;
      },
    );
  } catch (error) {
    if (error instanceof TooManyBytesError)
      throw new GraphQLError(error.message, {
        extensions: { code: 'PAYLOAD_TOO_LARGE', maxBytes: error.maxBytes },
      });
    if (error instanceof InvalidInputError || error instanceof InvalidImageError)
      throw badUserInput(`${path.join('.')}: ${error.message}`);
    throw error;
  }
}
