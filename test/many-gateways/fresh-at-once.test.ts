import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../harness/patience.js';
import { bouncerMissing } from '../harness/postgres.js';
import { repetitions } from '../harness/repetitions.js';
import { type Random, seededRandom } from '../harness/seeded-random.js';
import { SharedServers, sharedStorageMissing } from '../harness/shared-servers.js';
import type { Check } from './entry-checks.js';
import { keepTransactionsOpen } from './foreign-transactions.js';
import type { GatewayClient, KeyedCollection } from './gateway-client.js';
import { Gateways } from './gateways.js';
import { Writer } from './writer.js';

/*
 * Whatever one gateway acknowledged, the very next request to another one knows: clients change things through any of
 * them, and ask the others.
 */
const CHECKS = repetitions({
  variable: 'MANY_CHECKS',
  what: 'checks of what other gateways know',
  few: 200,
  many: 500,
});
const SEED = Number(process.env.MANY_SEED ?? randomInt(2 ** 31));
const WRITERS = 8;
/** After each change. */
const CHECKS_AT_ONCE = 4;
/** So that the slowest of machines gets through. */
const CHECK_MS = 600;
/** Of a first start of three gateways. */

const title = 'Gateways over one database and bucket';

describe.skipIf(sharedStorageMissing)(
  sharedStorageMissing ? `${title} (${sharedStorageMissing})` : title,
  () => {
    let servers: SharedServers;
    let gateways: Gateways;
    let collection: KeyedCollection;
    let databaseUrl: string;

    beforeAll(async () => {
      servers = await SharedServers.start();
      const storage = await servers.create();
      databaseUrl = storage.databaseUrl;
      gateways = await Gateways.start([
        { sharesFolder: true, storage },
        { sharesFolder: true, storage },
        { sharesFolder: false, storage: bouncerMissing ? storage : servers.bounced(storage) },
      ]);
      const input = { name: 'shared' };
      const fields = 'publicKey secretKey collection { collectionId }';
      const created = await gateways.clients[0]!.change('createCollection', input, fields);
      collection = { ...created, collectionId: created.collection.collectionId };
    });
    afterAll(async () => {
      await gateways?.[Symbol.asyncDispose]();
      await servers?.[Symbol.asyncDispose]();
    });

    it(
      'two that share a data folder know at once what the other acknowledged',
      async () => {
        const run = new Run(gateways.clients.slice(0, 2), seededRandom(SEED), CHECKS * 0.4);
        await run.write('a', collection);
        run.print('two gateways');
        expect(run.missing).toEqual([]);
      },
      4 * PATIENCE_MS + CHECKS * CHECK_MS,
    );

    it(
      'three know at once what the others acknowledged, beside transactions that stay open',
      async () => {
        const random = seededRandom(SEED + 1);
        const run = new Run(gateways.clients, random, CHECKS * 0.6);
        const stopping = new AbortController();
        const [, foreign] = await Promise.all([
          run.write('b', collection).finally(() => stopping.abort()),
          keepTransactionsOpen(databaseUrl, random, (checks) => run.askAll(checks), stopping.signal),
        ]);
        run.print(`three gateways, foreign transactions ${foreign}`);
        expect(run.missing).toEqual([]);
      },
      4 * PATIENCE_MS + CHECKS * CHECK_MS,
    );
  },
);

/** Changes and checks until there were enough of these. */
class Run {
  readonly missing: string[] = [];
  readonly #gateways: readonly GatewayClient[];
  readonly #random: Random;
  #wanted: number;
  readonly #startedAt = Date.now();
  #changes = 0;
  #checks = 0;

  constructor(gateways: readonly GatewayClient[], random: Random, wanted: number) {
    this.#gateways = gateways;
    this.#random = random;
    this.#wanted = wanted;
  }

  /** Writers that each have their own things, all at once. */
  async write(name: string, collection: KeyedCollection): Promise<void> {
    const writers = Array.from(
      { length: WRITERS },
      (_, nth) => new Writer(`${name}${nth}`, collection, this.#random),
    );
    const writing = await Promise.allSettled(writers.map((writer) => this.#writeAndAsk(writer)));
    for (const outcome of writing) if (outcome.status === 'rejected') throw outcome.reason;
  }

  async #writeAndAsk(writer: Writer): Promise<void> {
    try {
      await writer.prepare(this.#anyOf(this.#gateways));
      while (this.#checks < this.#wanted) {
        const through = this.#anyOf(this.#gateways);
        const others = this.#gateways.filter((gateway) => gateway !== through);
        const checks = await writer.next()(through);
        this.#changes++;
        await Promise.all(this.#someOf(checks).map((check) => this.#ask(check, this.#anyOf(others))));
      }
    } catch (error) {
      // The others need not go on.
      this.#wanted = 0;
      throw error;
    }
  }

  /** Makes checks with every gateway. */
  async askAll(checks: readonly Check[]): Promise<void> {
    await Promise.all(checks.flatMap((check) => this.#gateways.map((gateway) => this.#ask(check, gateway))));
  }

  print(what: string): void {
    const told = {
      checks: this.#checks,
      missing: this.missing.length,
      changes: this.#changes,
      seconds: Math.round((Date.now() - this.#startedAt) / 1000),
      seed: SEED,
    };
    const figures = Object.entries(told).map(([name, figure]) => `${name} ${figure}`);
    process.stdout.write(`${what}: ${figures.join(' | ')}\n`);
  }

  async #ask({ name, holds }: Check, gateway: GatewayClient): Promise<void> {
    this.#checks++;
    if (!(await holds(gateway))) this.missing.push(`gateway ${this.#gateways.indexOf(gateway)}: ${name}`);
  }

  #someOf(checks: readonly Check[]): Check[] {
    const left = [...checks];
    return Array.from({ length: CHECKS_AT_ONCE }, () => left.splice(this.#random(left.length), 1)).flat();
  }

  #anyOf<T>(all: readonly T[]): T {
    return all[this.#random(all.length)]!;
  }
}
