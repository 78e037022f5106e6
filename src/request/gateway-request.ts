import type { ServerResponse } from 'node:http';

/** One request to the gateway: what its calls to services are known by, and what the log tells of it at its end. */
export interface GatewayRequest {
  readonly id: string;
  /** Who asks, where they have shown a key or a token. */
  caller: { scope: string | null; name?: string | undefined } | null;
  /** What it asks of the graph. */
  operation: {
    kind: 'query' | 'mutation' | 'subscription';
    name: string | undefined;
    cost: number | undefined;
    /** By performance.now(). */
    startedAt: number;
  } | null;
  /** How many calls to remote services were begun for it. */
  serviceCalls: number;
}

const REQUEST = Symbol('request');

/** A WeakMap would keep the requests until a full garbage collection. */
interface Carrier {
  [REQUEST]?: GatewayRequest | undefined;
}

/** What an answer or a signal belongs to. */
export function requestOf(carrier: ServerResponse | AbortSignal | undefined): GatewayRequest | undefined {
  return (carrier as Carrier | undefined)?.[REQUEST];
}

/** Lets it be known from here what this belongs to. */
export function carryRequest<T extends ServerResponse | AbortSignal>(
  carrier: T,
  request: GatewayRequest | undefined,
): T {
  (carrier as Carrier)[REQUEST] = request;
  return carrier;
}
