import { Readable } from 'node:stream';
import { Dispatcher } from 'undici';
import { beforeEach, describe, expect, it } from 'vitest';
import { exchange } from '#src/remote/http/exchange.js';
import { rejectionOf } from '../../fakes/service-calls.js';
import { WatchedSignal } from '../../fakes/watched-signal.js';

/** Does nothing by itself: the test answers. */
class HeldDispatcher extends Dispatcher {
  handler: Dispatcher.DispatchHandler = {};
  aborted: unknown;
  readonly controller = { abort: (reason: Error) => this.#end(reason) } as Dispatcher.DispatchController;

  override dispatch(_request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.handler = handler;
    return true;
  }

  begin(): void {
    this.handler.onRequestStart!(this.controller, {});
  }

  answer(status: number, ...chunks: Buffer[]): void {
    this.handler.onResponseStart!(this.controller, status, {});
    for (const chunk of chunks) if (!this.aborted) this.handler.onResponseData!(this.controller, chunk);
    if (!this.aborted) this.handler.onResponseEnd!(this.controller, {});
  }

  /** As undici does it: the handler is told of its own abort. */
  #end(reason: Error): void {
    this.aborted = reason;
    this.handler.onResponseError!(this.controller, reason);
  }
}

let dispatcher: HeldDispatcher;
let signal: WatchedSignal;
let body: Readable;
let sent: number;
beforeEach(() => {
  dispatcher = new HeldDispatcher();
  signal = new WatchedSignal();
  body = new Readable({ read() {} });
  sent = 0;
});

function send() {
  const request = { method: 'POST', path: '/', body } as const;
  return exchange(dispatcher, request, { signal, allow: [404], onSent: () => sent++ });
}

const mebibytes = (count: number) => Array.from({ length: count }, () => Buffer.alloc(2 ** 20));

describe('a whole answer', () => {
  it('is its status and its body, however that came', async () => {
    const answer = send();
    dispatcher.begin();
    dispatcher.answer(200, Buffer.from('in '), Buffer.from('parts'));
    expect(await answer).toEqual({ status: 200, body: Buffer.from('in parts') });
    expect(sent).toBe(1);
  });

  it('has no body when there was none, or a long one with a status that is only allowed', async () => {
    for (const [status, chunks, kept] of [
      [204, [], ''],
      [404, [Buffer.from('in '), Buffer.from('parts')], 'in parts'],
      [404, mebibytes(1), ''],
    ] as const) {
      const answer = send();
      dispatcher.begin();
      dispatcher.answer(status, ...chunks);
      expect(await answer).toEqual({ status, body: Buffer.from(kept) });
    }
  });

  it('may have 32 MiB and no more', async () => {
    const answer = send();
    dispatcher.begin();
    dispatcher.answer(200, ...mebibytes(32));
    expect((await answer).body).toHaveLength(32 * 2 ** 20);
    const tooLarge = send();
    dispatcher.begin();
    dispatcher.answer(200, ...mebibytes(32), Buffer.alloc(1));
    expect(await rejectionOf(tooLarge)).toMatchObject({ kind: 'TOO_LARGE' });
  });
});

describe('an exchange that ended', () => {
  const failures: [string, () => void, object][] = [
    ['was refused', () => dispatcher.answer(403), { kind: 'REFUSED' }],
    ['met an error of the service', () => dispatcher.answer(500, ...mebibytes(1)), { kind: 'SERVER_ERROR' }],
    ['was too large', () => dispatcher.answer(200, ...mebibytes(33)), { kind: 'TOO_LARGE' }],
    ['broke off', () => dispatcher.controller.abort(new Error('reset')), { message: 'reset' }],
    ['was aborted', () => signal.abort({ any: 'reason' }), { any: 'reason' }],
  ];

  it.each(failures)(
    'because it %s holds neither the signal nor the body of the request',
    async (_, end, reason) => {
      const answer = send();
      dispatcher.begin();
      end();
      expect(await rejectionOf(answer)).toMatchObject(reason);
      expect(signal.listeners).toBe(0);
      expect(body.destroyed).toBe(true);
    },
  );

  it('well does not hold the signal', async () => {
    const answer = send();
    dispatcher.begin();
    dispatcher.answer(200);
    await answer;
    expect(signal.listeners).toBe(0);
  });

  it('before it had a connection is not sent when it gets one', async () => {
    const answer = send();
    signal.abort('gone');
    expect(await rejectionOf(answer)).toBe('gone');
    expect(body.destroyed).toBe(true);
    dispatcher.begin();
    expect(dispatcher.aborted).toBe('gone');
    expect(sent).toBe(0);
  });
});
