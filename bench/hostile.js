import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { openConnections } from './harness/load.js';
import { resetPeak, residentBytes } from './harness/process-figures.js';
import { figure, megabytes, percentile, print, printTable, verdict } from './harness/report.js';
import { startGateway } from './harness/server.js';
import { uploadRequest, wireEnvelope } from './harness/uploads.js';

export const description = 'memory and answers of others while decompression bombs come in  [--quick]';

const GOAL_BYTES = 700e6;
const GOAL_MS = 500;
const PROBE_EVERY_MS = 10;

/** @param {string[]} args */
export async function run(args) {
  const { values } = parseArgs({ args, options: { quick: { type: 'boolean', default: false } } });
  const bombs = await makeBombs();
  const gateway = await startGateway();
  const uploads = openConnections(gateway.url, 32);
  const probes = openConnections(gateway.url, 32);
  try {
    await uploads.send(uploadRequest(wireEnvelope(0), bombs[0]));
    resetPeak(gateway.pid);
    const times = [];
    const probe = async () => {
      const start = performance.now();
      await probes.send({ method: 'GET', path: '/imgcache/images/search?url_contains=bench&limit=10' });
      times.push(performance.now() - start);
    };
    const probing = setInterval(() => void probe(), PROBE_EVERY_MS);
    const rounds = values.quick ? 1 : 2;
    let sent = 0;
    for (let round = 0; round < rounds; round++) {
      const requests = bombs.map((bytes) => {
        sent++;
        // Another content each time, or nothing would be decoded.
        return uploadRequest(wireEnvelope(sent), Buffer.concat([bytes, Buffer.from(String(sent))]));
      });
      await Promise.all(requests.map((request) => uploads.send(request)));
    }
    clearInterval(probing);
    const { peak } = residentBytes(gateway.pid);
    await sleep(2000);
    const p99 = percentile(times, 99);
    printTable(
      `${sent} bombs at once, ${bombs.length} a round; goals: below ${megabytes(GOAL_BYTES)} MB and p99 below ${GOAL_MS} ms`,
      ['', 'peak MB', 'after MB', 'others p50 ms', 'p99 ms', 'max ms', 'goals'],
      [
        [
          'gateway',
          ...[peak, residentBytes(gateway.pid).now].map(megabytes),
          ...[percentile(times, 50), p99, Math.max(...times)].map(figure),
          verdict(peak < GOAL_BYTES && p99 < GOAL_MS),
        ],
      ],
    );
    print('');
  } finally {
    await uploads.close();
    await probes.close();
    await gateway.stop();
  }
}

/** Pictures of one colour, near the size up to which each format is decoded, and beyond it. */
function makeBombs() {
  const plain = (megapixels, channels = 3) => {
    const side = Math.floor(Math.sqrt(megapixels * 1e6));
    const create = { width: side, height: side, channels, background: '#1e5aa0' };
    return sharp({ create, limitInputPixels: false });
  };
  return Promise.all(
    [
      plain(178.9).jpeg(),
      plain(178.9).png(),
      plain(80).png(),
      plain(60).jpeg({ progressive: true }),
      plain(90).jpeg({ progressive: true }),
      plain(150).jpeg({ progressive: true }),
      plain(40).jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
      plain(60).png({ progressive: true }),
      plain(60, 4).png({ progressive: true }),
      plain(40).webp({ effort: 0 }),
      plain(40, 4).webp({ lossless: true, effort: 0 }),
      plain(100).webp({ effort: 0 }),
      plain(20).avif({ effort: 0 }),
      plain(50).tiff({ compression: 'deflate' }),
      plain(40).gif(),
    ].map((picture) => picture.toBuffer()),
  );
}
