import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWireServer, type WireServer } from '../../../fakes/wire-server.js';
import { openTestEngine, type TestEngine } from '../../../harness/engine.js';
import { store } from './requests.js';

const ODD = fileURLToPath(new URL('../../../fixtures/corpus/odd/', import.meta.url));

let engine: TestEngine;
let server: WireServer;
beforeAll(async () => {
  engine = await openTestEngine();
  server = await startWireServer(engine);
});
afterAll(async () => {
  await server.close();
  await engine.close();
});

/** In the original `mpo.jpg`, `photo.avif` and the two below it are none. */
it.each([
  ['rgb.png', 'image/png', '.png'],
  ['jpeg-named-png.png', 'image/jpeg', '.jpg'],
  ['plain.svg', 'image/svg+xml', '.svg'],
  ['truncated.png', 'image/png', '.png'],
  ['truncated-tail2.jpg', 'image/jpeg', '.jpg'],
  ['mpo.jpg', 'image/jpeg', '.jpg'],
  ['photo.avif', 'image/avif', null],
  ['photo.heic', 'image/heic', null],
  ['jpeg2000.jp2', 'image/jp2', null],
])('%s is an image', async (name, mime_type, file_extension) => {
  const { status, json } = await store(server, readFileSync(ODD + name));
  expect({ ...json, status }).toMatchObject({ status: 201, mime_type, file_extension });
});

it.each(['page.html', 'text.txt', 'zero.bin', 'svg-utf16.svg'])('%s is none', async (name) => {
  const { status, json } = await store(server, readFileSync(ODD + name));
  const detail = "Rejected: content resolved to 'application/octet-stream', not an image.";
  expect({ status, json }).toEqual({ status: 422, json: { detail } });
});
