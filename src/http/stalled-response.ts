import { type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** How long a client may take nothing of an answer that has begun. */
const STALLED_AFTER_MS = 60_000;

/** An answer that ends, with its connection, when it is not taken. The time before its head does not count. */
export class StalledResponse extends ServerResponse {
  override writeHead(
    statusCode: number,
    ...rest: (string | OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined)[]
  ): this {
    // Without a listener, Node closes a connection on which no byte moved. The next request sets the time anew.
    this.setTimeout(STALLED_AFTER_MS);
    // Any of the forms that writeHead has; they are handed on as they came.
    return super.writeHead(statusCode, ...(rest as [OutgoingHttpHeaders]));
  }
}
