import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../log/log.js';
import { bounded, loggedPath, roundedMs } from '../log/redaction.js';
import type { RequestScope } from '../request/request-scope.js';

export interface AccessLogOptions {
  log: Log;
  /** A request that takes as many milliseconds or more is slow. */
  slowMs: number;
}

/** Watches a request to its end. */
export type AccessLog = (req: IncomingMessage, res: ServerResponse, scope: RequestScope) => void;

/** Paths that monitors ask every few seconds: logged at debug level, as they would fill the log. */
const WATCHED_PATHS: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics']);

/** Writes a line for each request, and a warning for one that took long. */
export function createAccessLog({ log, slowMs }: AccessLogOptions): AccessLog {
  return (req, res, request) => {
    const startedAt = performance.now();
    const { method, url = '', socket } = req;
    const bytesBefore = socket.bytesWritten;
    res.on('close', () => {
      const durationMs = roundedMs(performance.now() - startedAt);
      if (durationMs < slowMs && !log.isLevelEnabled('info')) return;
      const path = loggedPath(url);
      const { id: requestId, caller, operation, serviceCalls } = request;
      const kind = operation?.kind;
      const name = operation?.name && bounded(operation.name);
      const level = WATCHED_PATHS.has(path) ? 'debug' : 'info';
      if (log.isLevelEnabled(level))
        // One literal for the hot path: spreading objects into it would cost more than the rest of the line.
        log[level](
          {
            method,
            path,
            kind,
            operation: name,
            status: res.headersSent ? res.statusCode : undefined,
            durationMs,
            bytesSent: socket.bytesWritten - bytesBefore,
            aborted: res.writableFinished ? undefined : true,
            scope: caller?.scope,
            caller: caller?.name && bounded(caller.name),
            requestId,
          },
          'request',
        );
      if (durationMs >= slowMs) {
        const cost = operation?.cost;
        const slow = { method, path, kind, operation: name, durationMs, cost, serviceCalls, requestId };
        log.warn(slow, 'slow request');
      }
    });
  };
}
