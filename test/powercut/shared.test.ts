import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATIENCE_MS, until } from '../harness/patience.js';
import { postgresMissing } from '../harness/postgres.js';
import { repetitions } from '../harness/repetitions.js';
import { hasSwift, NO_SWIFT } from '../harness/swift.js';
import { type Target, WritingClient } from './client.js';
import { type GatewayProcess, startProcess } from './gateway-process.js';
import { Ledger } from './ledger.js';
import { readBytes, readEntries, readImagesOf } from './readings.js';
import { seededRandom } from './seeded-random.js';
import { SharedStorage } from './shared-storage.js';

/*
 * Three gateways on one PostgreSQL and one Swift, with clients that write to all of them. In most rounds one of the gateways
 * is killed; in the others the postmaster, Swift's proxy, or the network between. What a response acknowledged is looked for
 * through another gateway.
 */
const ROUNDS = repetitions({
  variable: 'POWERCUT_ROUNDS',
  what: 'rounds of power cuts of three gateways',
  few: 5,
  many: 20,
});
const SEED = Number(process.env.POWERCUT_SEED ?? randomInt(2 ** 31));
const GATEWAYS = 3;
const CLIENTS = 6;
/** A round goes on for up to so many acknowledgements, and then for up to so long. */
const MOST_ACKNOWLEDGED = 12;
const MOST_MS = 30;
/** How long a server stays away. */
const AWAY_MS = 500;

/** Of each ten rounds; the first ones have one of each kind. */
const KINDS = [
  'GATEWAY' as const,
  'DATABASE' as const,
  'OBJECTS' as const,
  'NETWORK' as const,
  ...Array.from({ length: 6 }, () => 'GATEWAY' as const),
];

const missing = postgresMissing ?? (hasSwift ? null : `skipped: ${NO_SWIFT}`);

describe.skipIf(missing)(
  `Gateways that share a database and a bucket${missing ? ` (${missing})` : ''}`,
  () => {
    const random = seededRandom(SEED);
    const entries = new Ledger();
    const images = new Ledger();
    const clients = Array.from(
      { length: CLIENTS },
      (_, nth) => new WritingClient(`client-${nth}`, entries, images, random),
    );
    const tally = { rounds: 0, acknowledged: 0, inDoubt: 0, lost: 0, dangling: 0, leaked: 0, orphans: 0 };
    let folder: string;
    let storage: SharedStorage;
    let gateways: GatewayProcess[];
    let target: Omit<Target, 'url'>;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'lookalike-powercut-'));
      storage = await SharedStorage.start();
      // The first start makes the tables and the collection.
      gateways = [await startGateway(0)];
      for (let nth = 1; nth < GATEWAYS; nth++) gateways.push(await startGateway(nth));
      target = await readCollection();
    });
    afterAll(async () => {
      await Promise.all((gateways ?? []).map((gateway) => gateway.kill('SIGKILL')));
      await storage?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it(`lose nothing acknowledged in ${ROUNDS} rounds`, {
      timeout: 4 * PATIENCE_MS + ROUNDS * 30_000,
    }, async () => {
      const problems: string[] = [];
      for (; tally.rounds < ROUNDS; tally.rounds++) {
        const kind = KINDS[tally.rounds % KINDS.length]!;
        const restarted = kind === 'GATEWAY' ? await killOne() : await breakStorage(kind);
        problems.push(...(await lostOf(restarted, false)));
      }
      problems.push(...(await lostOf(0, true)));
      tally.lost = problems.length;
      const { dangling, leaked, orphans } = await storage.check();
      tally.dangling = dangling.length;
      tally.leaked = leaked.length;
      tally.orphans = orphans.length;
      tally.acknowledged = entries.acknowledged + images.acknowledged;
      tally.inDoubt = entries.inDoubt + images.inDoubt;
      const told = Object.entries({ ...tally, seed: SEED }).map(([name, count]) => `${name} ${count}`);
      process.stdout.write(`power cut, ${GATEWAYS} gateways: ${told.join(' | ')}\n`);
      expect([...problems, ...dangling, ...orphans]).toEqual([]);
      expect(await Promise.all(gateways.map((gateway) => gateway.kill('SIGTERM')))).toEqual([0, 0, 0]);
    });

    /** They share the machine, and one folder. */
    function startGateway(nth: number): Promise<GatewayProcess> {
      const cwd = join(folder, String(nth));
      mkdirSync(cwd, { recursive: true });
      return startProcess(cwd, { ...storage.settings, LOOKALIKE_DATA_DIR: join(folder, 'data') });
    }

    /** Lets the clients write, two to each gateway, while something happens; then all of them end. */
    async function whileWriting(mayFail: boolean, happen: () => Promise<void>): Promise<void> {
      const ending = new AbortController();
      const writing = clients.map((client, nth) =>
        client.writeTo({ url: gateways[nth % GATEWAYS]!.url, ...target, mayFail }, ending.signal),
      );
      const refused = Promise.race(writing.map((each) => each.then(() => new Promise<never>(() => {}))));
      const happening = (async () => {
        await acknowledgements(1 + random(MOST_ACKNOWLEDGED));
        await sleep(random(MOST_MS));
        await happen();
      })();
      await Promise.race([happening, refused]);
      ending.abort();
      await Promise.all(writing);
    }

    /** @returns which gateway was killed; another one goes on */
    async function killOne(): Promise<number> {
      const victim = random(GATEWAYS);
      await whileWriting(false, async () => {
        expect(await gateways[victim]!.kill('SIGKILL')).toBe('SIGKILL');
        await acknowledgements(1);
      });
      gateways[victim] = await startGateway(victim);
      return victim;
    }

    /** @returns the gateway to ask, when all work again by themselves */
    async function breakStorage(kind: 'DATABASE' | 'OBJECTS' | 'NETWORK'): Promise<number> {
      await whileWriting(true, async () => {
        const away = random(AWAY_MS);
        if (kind === 'DATABASE') await storage.crashDatabase(away);
        else if (kind === 'OBJECTS') await storage.crashObjects(away);
        else await storage.cutNetwork(away);
        await Promise.all(gateways.map(({ url }) => untilReady(url)));
        await acknowledgements(1);
      });
      return random(GATEWAYS);
    }

    async function acknowledgements(more: number): Promise<void> {
      const count = () => entries.acknowledged + images.acknowledged;
      for (const wanted = count() + more; count() < wanted; ) await sleep(1);
    }

    /** Looks for all that was acknowledged, or for what was written to in this round, through one gateway. */
    async function lostOf(nth: number, everything: boolean): Promise<string[]> {
      const asked = { url: gateways[nth]!.url, ...target };
      const places = (ledger: Ledger) => (everything ? ledger.all() : ledger.touched());
      const rows = await storage.select<{ id: string; hash: string }>(
        "select image_id as id, encode(content_hash, 'hex') as hash from images",
      );
      const foundEntries = await readEntries(asked, places(entries));
      const hashes = new Map(rows.map(({ id, hash }) => [id, hash]));
      const foundImages = await readImagesOf(asked, places(images), hashes);
      return [
        ...entries.settle(foundEntries),
        ...images.settle(foundImages),
        ...(await readBytes(asked, [...foundEntries.values()])),
      ].map((each) => `lost ${each}`);
    }

    async function readCollection(): Promise<Omit<Target, 'url'>> {
      const [row] = await storage.select<{ id: string; public: string; secret: string }>(
        'select collection_id as id, public_key as public, secret_key as secret from collection_keys',
      );
      return { collectionId: row!.id, keys: { publicKey: row!.public, secretKey: row!.secret } };
    }
  },
);

async function untilReady(url: string): Promise<void> {
  let status = 0;
  await until(
    async () => {
      ({ status } = await fetch(`${url}/ready`));
      return status === 200;
    },
    () => `It still is not ready: ${status}.`,
  );
}
