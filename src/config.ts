import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { apiKeysSetting } from './access/api-keys.js';
import { readTrustedDocuments } from './graphql/trusted-documents.js';
import { LOG_LEVELS } from './log/levels.js';

/** Where the settings come from when `--config` names no other file. */
const CONFIG_FILE = 'lookalike.config.json';

/** A setting that cannot be used. The message is one line that names it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const address = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .transform((url) => url.replace(/\/+$/, ''));

function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\d{1,15}$/)
          .transform(Number),
      ],
      { error: message },
    )
    .pipe(z.int({ error: message }).min(min, { error: message }).max(max, { error: message }));
}

const ratio = z
  .union(
    [
      z.number(),
      z
        .string()
        .regex(/^\d*\.?\d+$/)
        .transform(Number),
    ],
    { error: 'must be a number from 0 to 1' },
  )
  .pipe(z.number().min(0).max(1, { error: 'must be a number from 0 to 1' }));

/** As OpenTelemetry names them. */
const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

const webOrigins = z.union([
  z.literal('*'),
  z
    .string()
    .transform((text) => text.split(',').map((origin) => origin.trim()))
    .refine((origins) => origins.every(isOrigin), {
      error: 'must be * or origins, as in https://a.example,https://b.example:8443',
    }),
]);

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

const flag = z.union(
  [z.boolean(), z.enum(['1', 'true', '0', 'false']).transform((text) => text === '1' || text === 'true')],
  { error: 'must be 1 or 0' },
);

const keyPairs = z
  .string()
  .regex(/^[^\s:,]+:[^\s:,]+(?:,[^\s:,]+:[^\s:,]+)*$/, {
    error: 'must be pairs of a public and a secret key, as in A:B,C:D',
  })
  .transform((text) =>
    text.split(',').map((pair) => {
      const [publicKey = '', secretKey = ''] = pair.split(':');
      return { publicKey, secretKey };
    }),
  );

/** What a file of settings may also say as true or false. */
const onOrOff = z.union([z.boolean(), z.enum(['on', 'off']).transform((word) => word === 'on')], {
  error: 'must be on or off',
});

const trustedDocuments = z.string().transform((path, context) => {
  try {
    return readTrustedDocuments(path);
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    context.addIssue(`cannot be read: ${reason}`);
    return z.NEVER;
  }
});

function notYet(what: string) {
  return z.undefined({ error: `is not supported by this version: ${what}` });
}

const schema = z
  .object({
    host: z.string().min(1).default('127.0.0.1'),
    /** 0 lets the system choose. */
    port: wholeNumber(0, 65_535).default(4000),
    /** Absolute. */
    dataDir: z
      .string()
      .min(1)
      .default('./data')
      .transform((folder) => resolve(folder)),
    /** Absent: imgcache is embedded. No trailing slash, as in every address here. */
    imgcacheUrl: address.optional(),
    /** Absent: VisualSnoop is embedded. Includes `/api/v1`. */
    visualsnoopUrl: address.optional(),
    /** One collection for each. */
    visualsnoopKeys: keyPairs.optional(),
    /** The base of fileUrl. Absent: made from host and port. */
    publicUrl: address.optional(),
    /** Absent, as the issuer too: everybody may do everything. */
    apiKeys: apiKeysSetting.optional(),
    /** Of JWTs, exactly as in `iss`. */
    jwtIssuer: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional(),
    jwtAudience: z.string().min(1).optional(),
    /** The origins of the pages that may read answers. Absent: none. */
    corsOrigins: webOrigins.optional(),
    /** Serves beyond loopback without keys. */
    insecure: flag.default(false),
    maxUploadBytes: wholeNumber(1, 2 ** 40).default(64 * 2 ** 20),
    maxPixels: wholeNumber(1, 2 ** 32).default(178_956_970),
    serviceTimeoutMs: wholeNumber(1, 600_000).default(10_000),
    /** The highest cost of a query: enough for 50 × 20 × 20 entries with all that is known of them. */
    maxCost: wholeNumber(1, 2 ** 40).default(500_000),
    introspection: onOrOff.default(true),
    /** By id. Absent: every document may run. */
    trustedDocuments: trustedDocuments.optional(),
    logLevel: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
    /** From how long on requests and calls to services are warned of. */
    slowMs: wholeNumber(1, 3_600_000).default(1000),
    /** Where traces go, without the `/v1/traces`. Absent: nothing is traced. */
    otlpEndpoint: address.optional(),
    tracesSampler: z
      .enum(SAMPLERS, { error: `must be one of ${SAMPLERS.join(', ')}` })
      .default('parentbased_always_on'),
    /** The part of the traces that the samplers with a ratio keep. */
    tracesSamplerArg: ratio.default(1),
    databaseUrl: notYet('the tables are in SQLite'),
    blobsUrl: notYet('the bytes are in files'),
  })
  .refine(({ visualsnoopUrl, visualsnoopKeys }) => !visualsnoopUrl === !visualsnoopKeys, {
    path: ['visualsnoopKeys'],
    error: 'must be set together with VISUALSNOOP_URL',
  })
  .refine(({ jwtIssuer, jwtAudience }) => !jwtIssuer === !jwtAudience, {
    path: ['jwtAudience'],
    error: 'must be set together with LOOKALIKE_JWT_ISSUER',
  });

export type Config = z.output<typeof schema>;

/** The names in the environment. The config file may use these, or the keys above. */
const names: Record<keyof Config, string> = {
  host: 'HOST',
  port: 'PORT',
  dataDir: 'LOOKALIKE_DATA_DIR',
  imgcacheUrl: 'IMGCACHE_URL',
  visualsnoopUrl: 'VISUALSNOOP_URL',
  visualsnoopKeys: 'VISUALSNOOP_KEYS',
  publicUrl: 'PUBLIC_URL',
  apiKeys: 'LOOKALIKE_API_KEYS',
  jwtIssuer: 'LOOKALIKE_JWT_ISSUER',
  jwtAudience: 'LOOKALIKE_JWT_AUDIENCE',
  corsOrigins: 'LOOKALIKE_CORS_ORIGINS',
  insecure: 'LOOKALIKE_INSECURE',
  maxUploadBytes: 'LOOKALIKE_MAX_UPLOAD_BYTES',
  maxPixels: 'LOOKALIKE_MAX_PIXELS',
  serviceTimeoutMs: 'LOOKALIKE_SERVICE_TIMEOUT_MS',
  maxCost: 'LOOKALIKE_MAX_COST',
  introspection: 'LOOKALIKE_INTROSPECTION',
  trustedDocuments: 'LOOKALIKE_TRUSTED_DOCUMENTS',
  logLevel: 'LOOKALIKE_LOG_LEVEL',
  slowMs: 'LOOKALIKE_SLOW_MS',
  otlpEndpoint: 'OTEL_EXPORTER_OTLP_ENDPOINT',
  tracesSampler: 'OTEL_TRACES_SAMPLER',
  tracesSamplerArg: 'OTEL_TRACES_SAMPLER_ARG',
  databaseUrl: 'DATABASE_URL',
  blobsUrl: 'BLOBS_URL',
};

/**
 * Reads the settings from the environment and from the config file; the environment wins, and an empty variable counts
 * as unset.
 * @param configFile given by `--config`; it must exist then
 * @throws ConfigError
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, configFile?: string): Config {
  const file = readConfigFile(configFile);
  const given = Object.entries(names).map(([key, name]) => [key, env[name] || (file[name] ?? file[key])]);
  const result = schema.safeParse(Object.fromEntries(given));
  if (result.success) return result.data;
  // The value is not repeated: it may hold a password.
  const problems = result.error.issues.map(
    ({ path, message }) => `${names[path[0] as keyof Config]} ${message}.`,
  );
  throw new ConfigError(problems.join(' '));
}

function readConfigFile(configFile: string | undefined): Record<string, unknown> {
  const path = configFile ?? CONFIG_FILE;
  if (configFile === undefined && !existsSync(path)) return {};
  const content = parseJson(path, readText(path));
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new ConfigError(`${path} must hold a JSON object.`);
  const known = new Set(Object.entries(names).flat());
  const unknown = Object.keys(content).find((key) => !known.has(key));
  if (unknown !== undefined)
    throw new ConfigError(`${path} has an unknown setting ${JSON.stringify(unknown)}.`);
  return content as Record<string, unknown>;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}

/** The parser's own message repeats a part of the text, where a key may stand. */
function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError(`${path} is not valid JSON.`);
  }
}
