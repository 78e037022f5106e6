import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** PASS: all is handed on. STALL: connections are made, and nothing comes through. REFUSE: nothing listens. */
export type RelayState = 'PASS' | 'STALL' | 'REFUSE';

/** The network between two processes, which fails as it is told. */
export class TcpRelay implements AsyncDisposable {
  readonly #targetPort: number;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [near: Socket, far: Socket]>();
  #port = 0;
  #state: RelayState = 'PASS';
  /** How long each piece is held back on its way, in milliseconds. */
  delayMs = 0;
  /** Told of each piece on its way to the target; true resets the connection instead. */
  resetsAt: (piece: Buffer) => boolean = () => false;

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((near) => this.#join(near));
  }

  static async to(targetPort: number): Promise<TcpRelay> {
    const relay = new TcpRelay(targetPort);
    await relay.#listen();
    return relay;
  }

  get port(): number {
    return this.#port;
  }

  async turn(state: RelayState): Promise<void> {
    this.#state = state;
    for (const pair of this.#pairs)
      for (const socket of pair) state === 'STALL' ? socket.pause() : socket.resume();
    if (state === 'REFUSE') await this.#leave();
    else if (!this.#server.listening) await this.#listen();
  }

  /** Resets all connections; new ones can be made. */
  cut(): void {
    for (const [near, far] of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#leave();
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #leave(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.cut();
    await once(this.#server, 'close');
  }

  #join(near: Socket): void {
    const far = connect(this.#targetPort, '127.0.0.1');
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
      if (this.#state === 'STALL') socket.pause();
    }
    this.#pass(near, far, (piece) => this.resetsAt(piece));
    this.#pass(far, near, () => false);
  }

  /** In the order in which the pieces came. */
  #pass(from: Socket, to: Socket, resets: (piece: Buffer) => boolean): void {
    let before = Promise.resolve();
    from.on('data', (piece: Buffer) => {
      if (resets(piece)) return this.#reset(from, to);
      const at = performance.now() + this.delayMs;
      before = before.then(async () => {
        const left = at - performance.now();
        if (left > 0) await sleep(left);
        if (!to.destroyed) to.write(piece);
      });
    });
    if (this.#state === 'STALL') from.pause();
  }

  #reset(...sockets: Socket[]): void {
    for (const socket of sockets) socket.resetAndDestroy();
  }
}
