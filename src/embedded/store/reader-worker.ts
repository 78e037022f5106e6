import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'libsql';
import { EntryHashes } from './entry-hashes.js';
import type { ReaderAnswers, ReaderCall, ReaderRequest, ReaderResponse } from './reader-protocol.js';
import { searchUrls } from './url-search.js';

/** The thread that a ReaderThread starts. Its `workerData` is the path of the database. */

// libsql heeds the mode in a URL only; it has no option for it.
const database = new Database(`${pathToFileURL(workerData)}?mode=ro`);
database.exec('pragma busy_timeout = 5000');

const hashes = new EntryHashes(database);
const running = new Map<number, AbortController>();

function answer(call: ReaderCall, signal: AbortSignal): Promise<ReaderAnswers[keyof ReaderAnswers]> {
  switch (call.name) {
    case 'scanHashes':
      return hashes.search(call.query, call.radius, signal);
    case 'searchUrls':
      return searchUrls(database, call.query, signal);
  }
}

async function respond(id: number, call: ReaderCall): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    post({ id, answer: await answer(call, controller.signal) });
  } catch (error) {
    if (!controller.signal.aborted) post({ id, error: String(error) });
  } finally {
    running.delete(id);
  }
}

function post(response: ReaderResponse): void {
  parentPort!.postMessage(response);
}

function close(): void {
  for (const controller of running.values()) controller.abort();
  database.close();
  parentPort!.close();
}

parentPort!.on('message', (request: ReaderRequest) => {
  if (request === 'close') close();
  else if ('abort' in request) running.get(request.abort)?.abort();
  else void respond(request.id, request.call);
});
