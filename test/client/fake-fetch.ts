import type { FetchInit, FetchLike } from '#src/client/index.js';

export interface SentRequest {
  url: string;
  init: FetchInit;
}

/** A fetch that answers every request with the same JSON or text, and keeps what it was sent. */
export function fakeFetch(answer: unknown, status = 200): { fetch: FetchLike; sent: SentRequest[] } {
  const sent: SentRequest[] = [];
  return {
    sent,
    async fetch(url, init) {
      sent.push({ url, init });
      return new Response(typeof answer === 'string' ? answer : JSON.stringify(answer), { status });
    },
  };
}
