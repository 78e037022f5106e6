import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBodyRate } from '#src/http/body-rate.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A request whose body comes at some rate, and what became of it after so many seconds. */
function outcome(
  { bytesPerSecond, held = 0, headers }: { bytesPerSecond: number; held?: number; headers?: object },
  seconds: number,
): string {
  const socket = { bytesRead: 5000 };
  const state = { complete: false, readableLength: held, socket };
  const req = Object.assign(new EventEmitter(), state, {
    headers: headers ?? { 'content-length': '900000' },
  });
  const sent: string[] = [];
  const res = Object.assign(new EventEmitter(), {
    headersSent: false,
    setHeader() {},
    writeHead: (status: number) => sent.push(String(status)),
    end: (body: string) => sent.push(body),
  });
  const rate = createBodyRate();
  rate.watch(req as unknown as IncomingMessage, res as unknown as ServerResponse, '/imgcache/images');
  for (let second = 0; second < seconds && sent.length === 0; second++) {
    socket.bytesRead += bytesPerSecond;
    vi.advanceTimersByTime(1000);
  }
  rate.close();
  return sent.join(' ');
}

describe('the rate of a body', () => {
  it('is judged after ten seconds', () => {
    expect(outcome({ bytesPerSecond: 100 }, 9)).toBe('');
    expect(outcome({ bytesPerSecond: 100 }, 10)).toMatch(/^408 \{"detail":"The body comes too slowly/);
  });

  it('may be low for as long as it is high enough', () => {
    expect(outcome({ bytesPerSecond: 1024 }, 3600)).toBe('');
    expect(outcome({ bytesPerSecond: 1000 }, 3600)).toMatch(/^408/);
  });

  it('is not the fault of the client while what came has not been read', () => {
    expect(outcome({ bytesPerSecond: 0, held: 65_536 }, 3600)).toBe('');
  });

  it('does not count where there is no body', () => {
    expect(outcome({ bytesPerSecond: 0, headers: {} }, 60)).toBe('');
    expect(outcome({ bytesPerSecond: 0, headers: { 'transfer-encoding': 'chunked' } }, 60)).toMatch(/^408/);
  });
});
