import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { makePictures } from '../harness/pictures.js';
import { KINDS } from './kinds.js';

const PICTURES = 24;
/** Enough at a time for all threads to be started. */
const THREADS = 8;
/** More than this at a time, and no further one is begun: the load is bounded, whatever becomes slow. */
const MAX_UNDER_WAY = 48;

/** Requests of all kinds to one gateway, and what came of them. */
export class Traffic {
  sent = 0;
  #world;
  #records = [];

  /**
   * @param {import('./gateways.js').Stack} stack
   */
  static async prepare({ gateway, collection }) {
    const traffic = new Traffic();
    const pictures = (await makePictures(PICTURES)).map(({ bytes }) => bytes);
    traffic.#world = { url: gateway.url, collection, pictures, agent: connect(), number: 0, kept: [] };
    for (let i = 0; i < PICTURES; i++) await KINDS.ingest.run(traffic.#world);
    // Threads and their descriptors come with the first work that needs them.
    for (const { run } of Object.values(KINDS))
      await Promise.allSettled(Array.from({ length: THREADS }, () => run(traffic.#world)));
    return traffic;
  }

  get kinds() {
    return Object.keys(KINDS);
  }

  /**
   * @param {number} ms
   * @param {number} rate a second
   */
  async run(ms, rate) {
    const lots = Object.entries(KINDS).flatMap(([kind, { weight }]) => Array(weight).fill(kind));
    const underWay = new Set();
    const end = performance.now() + ms;
    while (performance.now() < end) {
      await sleep(1000 / rate);
      if (underWay.size >= MAX_UNDER_WAY) continue;
      const kind = lots[Math.floor(Math.random() * lots.length)];
      const doing = this.#do(kind).finally(() => underWay.delete(doing));
      underWay.add(doing);
    }
    await Promise.all(underWay);
  }

  async #do(kind) {
    const at = performance.now();
    this.sent++;
    const outcome = await KINDS[kind].run(this.#world).catch((error) => error.code ?? error.name);
    this.#records.push({ kind, at, ms: performance.now() - at, outcome });
  }

  /** In milliseconds. */
  timesOf(kind, from, to) {
    return this.#records
      .filter((record) => record.kind === kind && record.at >= from && record.at <= to)
      .map(({ ms }) => ms);
  }

  outcomesOf(kind) {
    const counts = new Map();
    for (const record of this.#records)
      if (record.kind === kind) counts.set(record.outcome, (counts.get(record.outcome) ?? 0) + 1);
    const most = [...counts].sort(([, a], [, b]) => b - a);
    return most.map(([outcome, count]) => `${outcome} ${count}`).join(', ');
  }

  async countEntries() {
    const { url, agent: dispatcher } = this.#world;
    const { body } = await request(`${url}/imgcache/images/search?url_contains=`, { dispatcher });
    const entries = await body.json();
    return Array.isArray(entries) ? entries.length : 'unknown';
  }

  /** Closes all connections. What is sent afterwards makes new ones. */
  async disconnect() {
    await this.#world.agent.close();
    this.#world.agent = connect();
  }
}

function connect() {
  return new Agent({ connections: MAX_UNDER_WAY });
}
