import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, loadConfig } from '#src/config.js';
import { createGateway, type GatewayOptions } from '#src/gateway.js';

export interface GraphQLAnswer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
  data?: any;
  errors?: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[];
  extensions?: Record<string, unknown>;
}

export interface TestGateway {
  url: string;
  dataDir: string;
  /** What clients were not told. */
  reported: unknown[];
  graphql(query: string, variables?: object): Promise<GraphQLAnswer>;
  /** Sends the files as a multipart request: each under the path of a variable. */
  upload(
    query: string,
    variables: object,
    files: Record<string, Uint8Array<ArrayBuffer>>,
  ): Promise<GraphQLAnswer>;
  /** Stops it and leaves the data folder. */
  stop(): Promise<void>;
  /** Stops it and removes the data folder. */
  close(): Promise<void>;
}

/** A whole gateway on a free port of the loopback. */
export async function startGateway(
  settings: Partial<Config> = {},
  options: Partial<GatewayOptions> = {},
): Promise<TestGateway> {
  const dataDir = settings.dataDir ?? mkdtempSync(join(tmpdir(), 'lookalike-test-'));
  const reported: unknown[] = [];
  const config = { ...loadConfig({}), port: 0, ...settings, dataDir };
  const gateway = await createGateway(config, { onError: (error) => reported.push(error), ...options });
  const url = await gateway.listen();
  return {
    url,
    dataDir,
    reported,
    graphql: (query, variables) =>
      post(url, JSON.stringify({ query, variables }), { 'content-type': 'application/json' }),
    upload: (query, variables, files) =>
      post(url, multipart(query, variables, files), { 'apollo-require-preflight': '1' }),
    stop: () => gateway.close(),
    async close() {
      await gateway.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export async function post(
  url: string,
  body: BodyInit,
  headers: Record<string, string>,
): Promise<GraphQLAnswer> {
  const response = await fetch(`${url}/graphql`, { method: 'POST', body, headers });
  return { status: response.status, ...((await response.json()) as Omit<GraphQLAnswer, 'status'>) };
}

/** A GraphQL multipart request of files without names. */
export function multipart(
  query: string,
  variables: object,
  files: Record<string, Uint8Array<ArrayBuffer>>,
): FormData {
  const form = new FormData();
  const paths = Object.keys(files);
  form.set('operations', JSON.stringify({ query, variables }));
  form.set(
    'map',
    JSON.stringify(Object.fromEntries(paths.map((path, index) => [index, [`variables.${path}`]]))),
  );
  for (const [index, path] of paths.entries()) form.set(String(index), new Blob([files[path]!]));
  return form;
}

const corpus = new URL('../fixtures/corpus/', import.meta.url);

/** A picture of the corpus, such as `photos/03-fig.jpg`. */
export function picture(name: string): Buffer<ArrayBuffer> {
  return readFileSync(new URL(name, corpus));
}

/** The names of the corpus' photographs. */
export function photographs(): string[] {
  return readdirSync(new URL('photos/', corpus)).map((name) => `photos/${name}`);
}

export interface Golden {
  bytes: number;
  blake2b256: string;
  content_type: string;
  width: number | null;
  height: number | null;
  dhash: string | null;
}

/** What the original server says of a picture of the corpus. */
export function golden(name: string): Golden {
  const { files } = JSON.parse(readFileSync(new URL('golden.json', corpus), 'utf8')) as {
    files: Record<string, Golden>;
  };
  return files[name]!;
}
