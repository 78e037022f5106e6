import type { IncomingMessage, ServerResponse } from 'node:http';
import { InFlight } from '../request/in-flight.js';
import { hasBody, sendRefusal } from './respond.js';

const CHECK_EVERY_MS = 1000;
/** The time of waiting for a body after which its rate is judged, each time anew. */
const JUDGED_AFTER_MS = 10_000;
/** Any line that uploads pictures is faster. */
const MIN_BYTES_PER_SECOND = 1024;

interface Body {
  req: IncomingMessage;
  res: ServerResponse;
  path: string;
  /** The bytes that had come over the connection when `waitedMs` was 0. */
  startBytes: number;
  waitedMs: number;
}

/** Ends requests whose bodies come too slowly: nobody may hold connections for free. One timer serves them all. */
export interface BodyRate {
  /** Watches the body of a request; to be called before it is read. */
  watch(req: IncomingMessage, res: ServerResponse, path: string): void;
  close(): void;
}

export function createBodyRate(): BodyRate {
  const bodies = new InFlight<Body>();
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

/** Whether a body is too slow. Time counts only while no bytes are buffered: otherwise a disk or a service is waited for. */
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
  // Node forgets a request once its response is out: a reader of its body would wait for ever.
  res.once('close', () => req.destroy());
  const message = `The body comes too slowly: it must bring ${MIN_BYTES_PER_SECOND} bytes a second.`;
  sendRefusal(res, path, 408, 'REQUEST_TIMEOUT', message);
}
