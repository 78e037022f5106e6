// The types that the client takes from the platform, by their shape: its declarations then compile with the types of
// browsers, with those of Node, and with neither.

/** Such as the platform's AbortSignal. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
}

/** Such as the platform's Blob and File. */
export interface BlobLike {
  readonly size: number;
  readonly type: string;
  /** The name of a File. */
  readonly name?: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Such as the platform's ReadableStream of Uint8Array. */
export interface ReadableStreamLike {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
  };
}

/** Such as the platform's fetch. */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchResponse>;

export interface FetchInit {
  method: 'POST';
  headers: Record<string, string>;
  /** A string, a Blob or a ReadableStream. Each platform's fetch names its own types here. */
  // biome-ignore lint/suspicious/noExplicitAny: it must fit the parameters of every fetch.
  body: any;
  /** The signal that the request was given. */
  // biome-ignore lint/suspicious/noExplicitAny: it must fit the parameters of every fetch.
  signal?: any;
  /** Set where the body is a ReadableStream. */
  duplex?: 'half';
}

export interface FetchResponse {
  readonly status: number;
  text(): Promise<string>;
}
