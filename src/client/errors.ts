/** An error of a GraphQL response. */
export interface GraphQLAnswerError {
  readonly message: string;
  /** Its place in the data, such as `['similar', 'images']`. */
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string; readonly [name: string]: unknown };
}

export interface LookalikeErrorDetails {
  readonly status?: number;
  /** @default none */
  readonly errors?: readonly GraphQLAnswerError[];
  readonly data?: unknown;
  readonly cause?: unknown;
}

/**
 * The error of a request without a response, or with errors in its response. A mutation that is refused is no such error:
 * that is a member of its result.
 */
export class LookalikeError extends Error {
  override readonly name = 'LookalikeError';
  /**
   * `NETWORK_ERROR`: there was no response; `cause` is fetch's error.
   * `BAD_RESPONSE`: the response is not one of GraphQL.
   * Else the `extensions.code` of the first error, such as `BAD_USER_INPUT`, `PAYLOAD_TOO_LARGE` or
   * `SERVICE_UNAVAILABLE`, and `GRAPHQL_ERROR` where it has none.
   */
  readonly code: string;
  /** The status of the HTTP response. */
  readonly status: number | undefined;
  /** Every error of the response. */
  readonly errors: readonly GraphQLAnswerError[];
  /** The data of the response in spite of its errors. */
  readonly data: unknown;

  constructor(
    code: string,
    message: string,
    { status, errors = [], data, cause }: LookalikeErrorDetails = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.status = status;
    this.errors = errors;
    this.data = data;
  }
}
