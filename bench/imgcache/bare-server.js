/**
 * Bare servers, the limits of a gateway: node:http and what a response cannot do without, and nothing else.
 *
 *     bare-server.js answer TEXT      gives every request the same answer
 *     bare-server.js row DATABASE     gives the entry that the path ends with, by one prepared statement
 *     bare-server.js read FOLDER      gives the file that the path names, by one read
 *     bare-server.js stream FOLDER    the same by a stream
 */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import Database from 'libsql';
import { print } from '../harness/report.js';

const ENTRY = `select url, content_hash, content_type, file_size_bytes, original_filename, width, height,
    hash0, hash1, hash2, hash3, client_name, lookup_time, created_at,
    exists (select 1 from entry_urls where entry_urls.content_hash = entries.content_hash limit 1 offset 1)
  from entries where content_hash = ?`;

const LISTENERS = {
  answer: (text) => (_req, res) => sendJson(res, text),
  row(path) {
    const find = new Database(path, { readonly: true }).prepare(ENTRY).raw();
    return (req, res) => sendJson(res, JSON.stringify(toEntry(find.get([basename(req.url)]))));
  },
  read: (folder) => async (req, res) => {
    const file = await open(join(folder, req.url));
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.allocUnsafeSlow(size), 0, size, 0);
    res.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': size });
    res.end(buffer);
    await file.close();
  },
  stream: (folder) => async (req, res) => {
    const path = join(folder, req.url);
    res.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': (await stat(path)).size });
    createReadStream(path).pipe(res);
  },
};

/** As the protocol of imgcache has it; the last cell, of several URLs, is for a look-up that the bench's entries do not need. */
function toEntry([
  url,
  contentHash,
  contentType,
  size,
  name,
  width,
  height,
  a,
  b,
  c,
  d,
  client,
  looked,
  created,
]) {
  return {
    url,
    content_hash: contentHash,
    content_type: contentType,
    file_size_bytes: size,
    original_filename: name,
    width,
    height,
    perceptual_hash: [a, b, c, d].map((chunk) => chunk.toString(16).padStart(4, '0')).join(''),
    client_name: client,
    lookup_time: withoutZone(looked),
    created_at: withoutZone(created),
  };
}

function withoutZone(time) {
  return time.replace(/(?:\.000000)?Z$/, '');
}

function sendJson(res, text) {
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  res.end(text);
}

const [, , kind = '', argument = ''] = process.argv;
const server = createServer(LISTENERS[kind](argument));
server.listen(0, '127.0.0.1', () => print(`ready: http://127.0.0.1:${server.address().port}`));
