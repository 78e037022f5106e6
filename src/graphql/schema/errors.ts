import { RefusedImageError } from '../../services/entry-origin.js';
import { ServiceError, type ServiceErrorCode, type ServiceName } from '../../services/errors.js';
import { PICTURE_PROBLEMS, type PictureProblem, TooManyBytesError } from '../../services/staged-image.js';
import { NotAPictureError, UnknownCollectionError } from '../../services/visualsnoop.js';
import { builder } from './builder.js';
import { shortMessage } from './short-message.js';

export const ErrorInterface = builder.interfaceRef<Error>('Error').implement({
  description:
    'What every error type of a result union implements. Unions and enums may grow: always select __typename and ... on Error { message }. Authentication and limits are top-level errors with extensions.code, never members.',
  fields: (t) => ({
    message: t.exposeString('message', {
      description: 'For people: says what went wrong and names the field.',
    }),
  }),
});

export const ServiceNameEnum = builder.enumType('ServiceName', {
  description: 'The two services behind this graph.',
  values: {
    VISUALSNOOP: { description: 'Collections of images, searched by visual similarity.' },
    IMGCACHE: { description: 'A content-addressed cache of scraped images.' },
  } satisfies Record<ServiceName, object>,
});

export interface InputIssue {
  path: readonly string[];
  message: string;
}

const InputIssueType = builder.objectRef<InputIssue>('InputIssue').implement({
  description: 'One thing that is wrong with an input.',
  fields: (t) => ({
    path: t.stringList({
      description: 'Where in the input, such as [input, imageId].',
      resolve: ({ path }) => [...path],
    }),
    message: t.exposeString('message', { description: 'What is wrong there, and what it may be.' }),
  }),
});

/** The input breaks a rule that its types do not say. */
export class InvalidInputError extends Error {
  readonly issues: readonly InputIssue[];

  constructor(issues: readonly InputIssue[]) {
    super(issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join(' '));
    this.issues = issues;
  }
}

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description: 'The input breaks a rule. Nothing was done.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    issues: t.field({
      type: [InputIssueType],
      description: 'All that is wrong with it.',
      resolve: ({ issues }) => [...issues],
    }),
  }),
});

/**
 * NOT_DECODED: a picture of a kind that imgcache keeps as it is, and that collections cannot take, such as SVG. UNKNOWN_KIND
 * and OTHER_BYTES: a remote imgcache does not take it.
 */
type ImageProblem = PictureProblem | 'NOT_DECODED' | 'UNKNOWN_KIND' | 'OTHER_BYTES';

const problems: Record<ImageProblem, string> = {
  ...PICTURE_PROBLEMS,
  NOT_DECODED: 'Collections take only images that can be decoded, and this one cannot.',
  UNKNOWN_KIND: 'This imgcache does not take the image: it does not know images of this kind.',
  OTHER_BYTES: 'imgcache did not take the image: it received other bytes.',
};

/** The bytes cannot be used as a picture. */
export class InvalidImageError extends Error {
  constructor(problem: ImageProblem) {
    super(problems[problem]);
  }
}

builder.objectType(InvalidImageError, {
  name: 'InvalidImageError',
  description: 'The bytes are empty, cut off, too many pixels, or no image at all.',
  interfaces: [ErrorInterface],
});

builder.objectType(TooManyBytesError, {
  name: 'UploadTooLargeError',
  description: 'The image has more bytes than this gateway takes.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ maxBytes: t.exposeFloat('maxBytes', { description: 'The limit, in bytes.' }) }),
});

/** An error of a call that names something that is not there. */
export class NotFoundError extends Error {
  constructor(message: string) {
    super(shortMessage(message));
  }
}

builder.objectType(NotFoundError, {
  name: 'NotFoundError',
  description: 'What the call names is not there.',
  interfaces: [ErrorInterface],
});

/** Turns an error with which a service refuses a call into the member of a result union. */
export function asUnionMember(error: unknown): unknown {
  if (error instanceof UnknownCollectionError) return new NotFoundError(error.message);
  if (error instanceof RefusedImageError)
    return new InvalidImageError(error.reason === 'NOT_AN_IMAGE' ? 'UNKNOWN_KIND' : 'OTHER_BYTES');
  if (error instanceof NotAPictureError) return new InvalidImageError('NOT_DECODED');
  return error;
}

const ServiceErrorCodeEnum = builder.enumType('ServiceErrorCode', {
  description: 'How a service failed.',
  values: {
    UNAVAILABLE: { description: 'It could not be reached, or is in trouble.' },
    TIMEOUT: { description: 'It did not answer in time.' },
    REFUSED: { description: 'It understood and said no.' },
    BAD_RESPONSE: { description: 'Its answer makes no sense.' },
    UNSUPPORTED: { description: 'This kind of service cannot do it at all.' },
  } satisfies Record<ServiceErrorCode, object>,
});

builder.objectType(ServiceError, {
  name: 'ServiceError',
  description:
    'The service did not do it. retryable: the same call may succeed later and cannot do it twice.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    service: t.expose('service', {
      type: ServiceNameEnum,
      description: 'Which service failed.',
    }),
    code: t.expose('code', { type: ServiceErrorCodeEnum, description: 'How it failed.' }),
    retryable: t.exposeBoolean('retryable', {
      description: 'The same call may succeed later and cannot do it twice.',
    }),
  }),
});
