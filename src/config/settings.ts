import { resolve } from 'node:path';
import { z } from 'zod';
import { apiKeysSetting } from '../access/api-keys.js';
import { LOG_LEVELS } from '../log/levels.js';
import * as rule from './rules.js';

interface Setting {
  /** The variable in the environment. */
  env: string;
  /** Validates a value of the environment or of the config file, and its absence where there is no default. */
  rule: z.ZodType;
  /**
   * The value of an unset variable, as the environment would give it.
   * @default the rule gets undefined
   */
  default?: string;
  /** The documentation, as in the README; settings without it cannot be used yet. */
  about?: string;
  /**
   * The text of the README in place of a default.
   * @default 'none'
   */
  unset?: string;
  /**
   * Whether the value is a secret as a whole, and is not shown.
   * @default false
   */
  secret?: boolean;
}

/** The samplers, as OpenTelemetry names them. */
const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** Every setting, by its name in the config file, in the order of the README. */
export const settings = {
  host: {
    env: 'HOST',
    rule: z.string().min(1),
    default: '127.0.0.1',
    about: 'the address to listen on',
  },
  port: {
    env: 'PORT',
    rule: rule.wholeNumber(0, 65_535),
    default: '4000',
    about: '0 lets the system choose',
  },
  dataDir: {
    env: 'LOOKALIKE_DATA_DIR',
    rule: z
      .string()
      .min(1)
      .transform((folder) => resolve(folder)),
    default: './data',
    about: 'the database and the bytes, of one process; with `DATABASE_URL` only scratch files',
  },
  databaseUrl: {
    env: 'DATABASE_URL',
    rule: z.string().min(1).optional(),
    unset: 'SQLite in the data folder',
    about: '`postgres://…`: the tables, for [many gateways](docs/scaling.md)',
  },
  blobsUrl: {
    env: 'BLOBS_URL',
    rule: z.string().min(1).optional(),
    unset: 'files in the data folder',
    about: '`s3://bucket/prefix?…`: the bytes; together with `DATABASE_URL`',
  },
  publicUrl: {
    env: 'PUBLIC_URL',
    rule: rule.address.optional(),
    unset: 'from `HOST` and `PORT`',
    about: 'the base of `fileUrl`',
  },
  imgcacheUrl: {
    env: 'IMGCACHE_URL',
    rule: rule.address.optional(),
    unset: 'embedded',
    about: 'a real imgcache of [either kind](docs/imgcache.md), or `/imgcache` of another Lookalike',
  },
  imgcacheDialect: {
    env: 'IMGCACHE_DIALECT',
    rule: rule.dialect.optional(),
    unset: 'found out',
    about: '`images` or `cache`: what the imgcache at that address speaks',
  },
  imgcacheBucket: {
    env: 'IMGCACHE_BUCKET',
    rule: rule.bucket,
    default: 'default',
    about: 'the bucket of an imgcache that speaks `cache`',
  },
  visualsnoopUrl: {
    env: 'VISUALSNOOP_URL',
    rule: rule.address.optional(),
    unset: 'embedded',
    about: 'a real VisualSnoop, with its `/api/v1`',
  },
  visualsnoopKeys: {
    env: 'VISUALSNOOP_KEYS',
    rule: rule.keyPairs.optional(),
    secret: true,
    about: '`public:secret,…`: one collection a pair; together with `VISUALSNOOP_URL`',
  },
  apiKeys: {
    env: 'LOOKALIKE_API_KEYS',
    rule: apiKeysSetting.optional(),
    secret: true,
    about: '`read:KEY,write:KEY,admin:KEY`',
  },
  jwtIssuer: {
    env: 'LOOKALIKE_JWT_ISSUER',
    rule: rule.issuer.optional(),
    about: 'JWTs of this issuer, exactly as in `iss`, are accepted too',
  },
  jwtAudience: {
    env: 'LOOKALIKE_JWT_AUDIENCE',
    rule: z.string().min(1).optional(),
    about: 'the `aud` of these JWTs; together with the issuer',
  },
  corsOrigins: {
    env: 'LOOKALIKE_CORS_ORIGINS',
    rule: rule.webOrigins.optional(),
    about: '`https://a.example,https://b.example` or `*`',
  },
  insecure: {
    env: 'LOOKALIKE_INSECURE',
    rule: rule.flag,
    default: '0',
    about: '`1` serves beyond loopback without keys',
  },
  // Enough for 50 × 20 × 20 entries with all that is known of them.
  maxCost: {
    env: 'LOOKALIKE_MAX_COST',
    rule: rule.wholeNumber(1, 2 ** 40),
    default: '500000',
    about: 'of one query',
  },
  introspection: {
    env: 'LOOKALIKE_INTROSPECTION',
    rule: rule.onOrOff,
    default: 'on',
    about: '`off` hides the schema and suggestions',
  },
  gallery: {
    env: 'LOOKALIKE_GALLERY',
    rule: rule.onOrOff,
    default: 'on',
    about: '`off` leaves out the page for browsers at `/`',
  },
  trustedDocuments: {
    env: 'LOOKALIKE_TRUSTED_DOCUMENTS',
    rule: rule.trustedDocuments.optional(),
    about: 'a file `{ "id": "query …" }`: only these run',
  },
  maxUploadBytes: {
    env: 'LOOKALIKE_MAX_UPLOAD_BYTES',
    rule: rule.wholeNumber(1, 2 ** 40),
    default: '67108864',
    about: 'of one image; at most 5 GiB with `BLOBS_URL`',
  },
  thumbnailBytes: {
    env: 'LOOKALIKE_THUMBNAIL_BYTES',
    rule: rule.wholeNumber(0, 2 ** 46),
    default: '1073741824',
    about: 'of kept thumbnails, the least recently read go first; `0` keeps none',
  },
  linkTtl: {
    env: 'LOOKALIKE_LINK_TTL',
    rule: rule.wholeNumber(60, 31_536_000),
    default: '86400',
    about: 'seconds that a signed address of a picture is good for, at least',
  },
  maxPixels: {
    env: 'LOOKALIKE_MAX_PIXELS',
    rule: rule.wholeNumber(1, 2 ** 32),
    default: '178956970',
    about: 'pictures with more are not decoded',
  },
  serviceTimeoutMs: {
    env: 'LOOKALIKE_SERVICE_TIMEOUT_MS',
    rule: rule.wholeNumber(1, 600_000),
    default: '10000',
    about: 'of a call to a real service; all calls of a request together get a second more',
  },
  logLevel: {
    env: 'LOOKALIKE_LOG_LEVEL',
    rule: rule.oneOf(LOG_LEVELS),
    default: 'info',
    about: LOG_LEVELS.map((level) => `\`${level}\``).join(', '),
  },
  slowMs: {
    env: 'LOOKALIKE_SLOW_MS',
    rule: rule.wholeNumber(1, 3_600_000),
    default: '1000',
    about: 'requests and calls to services that take longer are warned of',
  },
  otlpEndpoint: {
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    rule: rule.address.optional(),
    about: 'where traces go, without the `/v1/traces`',
  },
  tracesSampler: {
    env: 'OTEL_TRACES_SAMPLER',
    rule: rule.oneOf(SAMPLERS),
    default: 'parentbased_always_on',
    about: 'which traces are kept',
  },
  tracesSamplerArg: {
    env: 'OTEL_TRACES_SAMPLER_ARG',
    rule: rule.ratio,
    default: '1',
    about: 'the part of them that samplers by ratio keep',
  },
} satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

/** Each setting with its name. */
export const settingEntries = Object.entries<Setting>(settings) as [SettingName, Setting][];
