import { readdirSync, readlinkSync } from 'node:fs';
import { request } from 'undici';
import { residentBytes } from '../harness/process-figures.js';

/** What a gateway's process holds, over time. */
export class Samples {
  #gateway;
  #samples = [];

  /** @param {import('../harness/server.js').ServerProcess} gateway */
  constructor(gateway) {
    this.#gateway = gateway;
  }

  async take() {
    const at = performance.now();
    const { pid } = this.#gateway;
    const sample = { at, rss: residentBytes(pid).now, descriptors: this.descriptors().all, heap: null };
    this.#samples.push(sample);
    sample.heap = await this.#heap();
  }

  /** Those taken between two times, in milliseconds of performance.now(). */
  between(from, to) {
    return this.#samples.filter(({ at }) => at >= from && at <= to);
  }

  descriptors() {
    const folder = `/proc/${this.#gateway.pid}/fd`;
    const targets = readdirSync(folder).map((name) => {
      try {
        return readlinkSync(`${folder}/${name}`);
      } catch {
        return ''; // It was closed meanwhile.
      }
    });
    return { all: targets.length, sockets: targets.filter((target) => target.startsWith('socket:')).length };
  }

  /** By least squares, for each millisecond. */
  slope(key, from, to) {
    const samples = this.between(from, to);
    const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [meanAt, meanValue] = [mean(samples.map(({ at }) => at)), mean(samples.map((each) => each[key]))];
    const over = mean(samples.map((each) => (each.at - meanAt) * (each[key] - meanValue)));
    return over / mean(samples.map(({ at }) => (at - meanAt) ** 2));
  }

  /** Where the gateway has metrics. */
  async #heap() {
    const { statusCode, body } = await request(`${this.#gateway.url}/metrics`);
    const text = await body.text();
    const used = /^nodejs_heap_size_used_bytes(?:\{.*\})? (\S+)/m.exec(text)?.[1];
    return statusCode === 200 && used !== undefined ? Number(used) : null;
  }
}
