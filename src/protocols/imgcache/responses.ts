import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

/** Sends a 204, with the content type of the other responses, as the original does. */
export function sendNoContent(res: ServerResponse): void {
  res.writeHead(204, { 'Content-Type': 'application/json' });
  res.end();
}

/** Writes a JSON array batch by batch, as fast as the client reads. The head is sent once the first batch is there. */
export async function sendJsonArray(
  res: ServerResponse,
  batches: AsyncIterable<readonly unknown[]>,
): Promise<void> {
  const chunks = jsonArray(batches);
  const first = await chunks.next();
  res.writeHead(200, { 'Content-Type': 'application/json' });
  await pipeline(async function* () {
    yield first.value ?? '';
    yield* chunks;
  }, res);
}

async function* jsonArray(batches: AsyncIterable<readonly unknown[]>): AsyncGenerator<string, undefined> {
  let separator = '[';
  for await (const batch of batches) {
    if (batch.length === 0) continue;
    yield separator + batch.map((row) => JSON.stringify(row)).join(',');
    separator = ',';
  }
  yield separator === '[' ? '[]' : ']';
}
