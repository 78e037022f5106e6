import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasBody, sendRefusal } from './respond.js';

const CHECK_EVERY_MS = 1000;
/** Of waiting for the client, before it is judged and again each time. */
const JUDGED_AFTER_MS = 10_000;
/** Slower than any line that uploads pictures. */
const MIN_BYTES_PER_SECOND = 1024;

interface Body {
  req: IncomingMessage;
  res: ServerResponse;
  path: string;
  /** What had come over the connection when the waiting began to count. */
  startBytes: number;
  waitedMs: number;
}

/** Ends requests whose bodies come too slowly; one timer serves them all. */
export interface BodyRate {
  /** For every request, before its body is read. */
  watch(req: IncomingMessage, res: ServerResponse, path: string): void;
  close(): void;
}

export function createBodyRate(): BodyRate {
  const bodies = new Set<Body>();
  const timer = setInterval(() => {
    for (const body of bodies) if (isTooSlow(body)) end(body);
  }, CHECK_EVERY_MS).unref();
  return {
    watch(req, res, path) {
      if (!hasBody(req)) return;
      const body = { req, res, path, startBytes: req.socket.bytesRead, waitedMs: 0 };
      bodies.add(body);
      req.on('close', () => bodies.delete(body));
    },
    close: () => clearInterval(timer),
  };
}

/** Only while nothing is held for its reader does a body wait for the client, and not for a disk or a service. */
function isTooSlow(body: Body): boolean {
  const { req } = body;
  if (req.complete || req.readableLength > 0) return false;
  body.waitedMs += CHECK_EVERY_MS;
  if (body.waitedMs < JUDGED_AFTER_MS) return false;
  const received = req.socket.bytesRead - body.startBytes;
  const needed = (MIN_BYTES_PER_SECOND * body.waitedMs) / 1000;
  body.startBytes = req.socket.bytesRead;
  body.waitedMs = 0;
  return received < needed;
}

function end({ req, res, path }: Body): void {
  if (res.headersSent) return void req.destroy();
  res.setHeader('connection', 'close');
  // Once its answer is out, Node forgets a request: who still reads its body would wait for ever.
  res.once('close', () => req.destroy());
  const message = `The body comes too slowly: it must bring ${MIN_BYTES_PER_SECOND} bytes a second.`;
  sendRefusal(res, path, 408, 'REQUEST_TIMEOUT', message);
}
