/** A read that was begun for a request, kept so that the request does not read the same twice. */
export interface KeptRead {
  /** The signal that it ends with: whoever has another one must not share its end. */
  signal: CallSignal;
  result: Promise<unknown>;
}

/** The request to the gateway that calls to services are made for, as far as the calls have to do with it. */
export interface CallScope {
  /** Sent along with each call, so that the logs of both sides can be joined. */
  readonly id: string;
  /** How many calls to remote services were begun for it. */
  serviceCalls: number;
  /** The reads that were begun for it: by the memory that shares them, then by the key of each. */
  readonly keptReads: Map<object, Map<string, KeptRead>>;
}

/** Ends a call to a service, and names the request that the call is made for: a plain AbortSignal would lose that. */
export interface CallSignal extends AbortSignal {
  /** Null for a call of no request, as at the start or in a command. */
  readonly scope: CallScope | null;
}
