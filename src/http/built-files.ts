import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { acceptedCodings, type ContentCoding } from './content-coding.js';
import { sendJson } from './respond.js';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.ttf': 'font/ttf',
};

/** Beside each file that is worth it, the build leaves it compressed. */
const ENDING: Readonly<Record<ContentCoding, string>> = { br: '.br', gzip: '.gz', identity: '' };

/** The files that a page begins with. */
export interface Entry {
  file: string;
  css: readonly string[];
}

/** Serves files that a bundler built. Their names hold a hash of their bytes, so that browsers ask for each once. */
export class BuiltFiles {
  readonly #folder: URL;
  #names: Promise<ReadonlySet<string>> | undefined;

  constructor(folder: URL) {
    this.#folder = folder;
  }

  /** @param source the module that was built */
  async entry(source: string): Promise<Entry> {
    const manifest = JSON.parse(await readFile(new URL('manifest.json', this.#folder), 'utf8'));
    return manifest[source];
  }

  async serve(req: IncomingMessage, res: ServerResponse, name: string): Promise<void> {
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      res.setHeader('allow', 'GET, HEAD');
      return sendJson(res, 405, { error: 'Only GET and HEAD are answered here.' });
    }
    this.#names ??= readdir(this.#folder).then((names) => new Set(names));
    const names = await this.#names;
    const type = TYPES[extname(name)];
    if (!type || !names.has(name)) return sendJson(res, 404, { error: 'There is no such file.' });
    const coding = acceptedCodings(req).find((other) => names.has(name + ENDING[other])) ?? 'identity';
    const path = new URL(name + ENDING[coding], this.#folder);
    const { size } = await stat(path);
    if (coding !== 'identity') res.setHeader('content-encoding', coding);
    res.writeHead(200, {
      'cache-control': 'public, max-age=31536000, immutable',
      'content-length': size,
      'content-type': type,
      vary: 'Accept-Encoding',
      'x-content-type-options': 'nosniff',
    });
    if (req.method === 'HEAD') return void res.end();
    await pipeline(createReadStream(path), res);
  }
}
