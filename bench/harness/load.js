import { Pool } from 'undici';

const TIMEOUT_MS = 60_000;

/**
 * Connections that are kept open, one request at a time on each.
 *
 * @param {string} url of the server
 * @param {number} connections
 */
export function openConnections(url, connections) {
  const pool = new Pool(url, { connections, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
  /** Reads the whole response, and hands its parts on. */
  const exchange = (request, onData, onEnd) =>
    // Without the stream that request() makes of each answer, the client is several times cheaper than the server.
    new Promise((resolve, reject) => {
      let status = 0;
      pool.dispatch(request, {
        onRequestStart() {},
        onResponseStart(_controller, statusCode) {
          status = statusCode;
        },
        onResponseData(_controller, chunk) {
          onData(chunk);
        },
        onResponseEnd() {
          const isGood = (status >= 200 && status < 300) || status === 304;
          if (isGood) resolve(onEnd());
          else reject(new Error(`${request.method} ${request.path} was answered with ${status}: ${onEnd()}`));
        },
        onResponseError(_controller, error) {
          reject(error);
        },
      });
    });
  return {
    /**
     * @param {import('undici').Dispatcher.DispatchOptions} request
     * @returns {Promise<string>} the body of the answer
     * @throws when its status is not of the 200s, nor 304
     */
    send: (request) => {
      const chunks = [];
      const textOf = () => (chunks.length === 1 ? chunks[0].toString() : Buffer.concat(chunks).toString());
      return exchange(request, (chunk) => chunks.push(chunk), textOf);
    },
    /**
     * The same of a large answer, whose bytes nobody needs.
     *
     * @param {import('undici').Dispatcher.DispatchOptions} request
     * @returns {Promise<number>} how many there were
     */
    receive: (request) => {
      let bytes = 0;
      const count = (chunk) => {
        bytes += chunk.length;
      };
      return exchange(request, count, () => bytes);
    },
    close: () => pool.close(),
  };
}

/**
 * Lets each client do one thing after the other.
 *
 * @param {number} clients
 * @param {() => Promise<unknown> | undefined} next begins the next thing; undefined when there is none any more
 * @returns {Promise<{ count: number, seconds: number, perSecond: number }>}
 */
export async function load(clients, next) {
  let count = 0;
  const start = performance.now();
  const work = async () => {
    for (let doing = next(); doing; doing = next()) {
      await doing;
      count++;
    }
  };
  await Promise.all(Array.from({ length: clients }, work));
  const seconds = (performance.now() - start) / 1000;
  return { count, seconds, perSecond: count / seconds };
}

/**
 * For load(): each thing of a list once.
 *
 * @template T
 * @param {readonly T[]} items
 * @param {(item: T) => Promise<unknown>} work
 */
export function each(items, work) {
  let at = 0;
  return () => (at < items.length ? work(items[at++]) : undefined);
}

/**
 * For load(): the things of a list over and over, for some time.
 *
 * @template T
 * @param {readonly T[]} items
 * @param {number} seconds
 * @param {(item: T) => Promise<unknown>} work
 */
export function during(seconds, items, work) {
  const end = performance.now() + seconds * 1000;
  let at = 0;
  return () => (performance.now() < end ? work(items[at++ % items.length]) : undefined);
}
