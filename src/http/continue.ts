import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Asks for the body of a request with `Expect: 100-continue` when it is first read: a request that is refused by its
 * head gets the refusal instead.
 */
export function continueWhenRead(req: IncomingMessage, res: ServerResponse): void {
  const read = req._read;
  req._read = (size) => {
    req._read = read;
    if (!res.headersSent) res.writeContinue();
    req._read(size);
  };
}
