import { S3SettingError } from './setting-error.js';

/** Where the objects are. */
export interface S3Address {
  bucket: string;
  /** Before every key, without slashes at its ends; empty for none. */
  prefix: string;
  /** Of the server, without a path: `https://s3.eu-central-1.amazonaws.com`. */
  endpoint: URL;
  /** The setting that named the endpoint or, where none did, the region. */
  endpointFrom: string;
  region: string;
  regionFrom: string;
  /** The bucket is in the path, not in the name of the host. */
  pathStyle: boolean;
  /** How many calls run at a time; an object that is being read counts until it has been. */
  maxConcurrent: number;
}

/** A value and the setting that it came from. */
interface Given {
  value: string;
  from: string;
}

const PARAMETERS = ['endpoint', 'region', 'pathStyle', 'concurrency'] as const;
type Parameters = Partial<Record<(typeof PARAMETERS)[number], string>>;

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const AMAZON = /\.amazonaws\.com(?:\.cn)?$/;
/** Leaves room for a place in the 1024 bytes that a key may have. */
const MAX_PREFIX_BYTES = 512;
const DEFAULT_CONCURRENCY = 100;

/**
 * Reads BLOBS_URL, `s3://bucket/prefix?endpoint=…&region=…&pathStyle=…&concurrency=…`.
 * @param env for AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION and AWS_DEFAULT_REGION, where the URL says nothing
 * @throws S3SettingError
 */
export function parseS3Address(text: string, env: NodeJS.ProcessEnv): S3Address {
  const [, bucket, path, query] = /^s3:\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?$/.exec(text) ?? [];
  if (bucket === undefined) throw new S3SettingError('BLOBS_URL must look like s3://bucket/prefix.');
  if (bucket.includes('@'))
    throw new S3SettingError(
      'BLOBS_URL must not hold credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    );
  if (!BUCKET.test(bucket))
    throw new S3SettingError(
      'BLOBS_URL must name a bucket: 3 to 63 lower-case letters, digits, dots and hyphens, as in s3://my-bucket/prefix.',
    );
  const parameters = readParameters(query ?? '');
  const givenEndpoint = given(parameters, 'endpoint', env, ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL']);
  const givenRegion = given(parameters, 'region', env, ['AWS_REGION', 'AWS_DEFAULT_REGION']);
  const endpoint = givenEndpoint && readEndpoint(givenEndpoint);
  const region = readRegion(givenRegion, endpoint);
  const url =
    endpoint ?? new URL(`https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`);
  const regionFrom = givenRegion?.from ?? 'BLOBS_URL';
  return {
    bucket,
    prefix: readPrefix(path ?? ''),
    endpoint: url,
    endpointFrom: givenEndpoint?.from ?? regionFrom,
    region,
    regionFrom,
    pathStyle: readPathStyle(parameters.pathStyle, url, bucket),
    maxConcurrent: readConcurrency(parameters.concurrency),
  };
}

function readParameters(query: string): Parameters {
  const parameters: Parameters = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const known = PARAMETERS.find((parameter) => parameter === name);
    // Its name is not repeated: by mistake it may be a secret.
    if (!known)
      throw new S3SettingError(`BLOBS_URL may have the parameters ${PARAMETERS.join(', ')}, and no others.`);
    if (parameters[known] !== undefined)
      throw new S3SettingError(`BLOBS_URL has the parameter ${known} twice.`);
    if (value === '') throw new S3SettingError(`BLOBS_URL has the parameter ${known} without a value.`);
    parameters[known] = value;
  }
  return parameters;
}

function given(
  parameters: Parameters,
  name: keyof Parameters,
  env: NodeJS.ProcessEnv,
  variables: readonly string[],
): Given | null {
  const value = parameters[name];
  if (value !== undefined) return { value, from: 'BLOBS_URL' };
  const from = variables.find((variable) => env[variable]);
  return from === undefined ? null : { value: env[from]!, from };
}

function readEndpoint({ value, from }: Given): URL {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '')
    throw new S3SettingError(`${from} must name an endpoint that begins with http:// or https://.`);
  if (url.username !== '' || url.password !== '')
    throw new S3SettingError(`${from} must name an endpoint without credentials.`);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw new S3SettingError(`${from} must name an endpoint without a path.`);
  return url;
}

function readRegion(region: Given | null, endpoint: URL | null): string {
  if (region && !/^[A-Za-z0-9-]{1,64}$/.test(region.value))
    throw new S3SettingError(
      `${region.from} must name a region of letters, digits and hyphens, as in eu-central-1.`,
    );
  if (region) return region.value;
  // Other servers have one region, which they call so unless told otherwise.
  if (endpoint && !AMAZON.test(endpoint.hostname)) return 'us-east-1';
  throw new S3SettingError('BLOBS_URL needs a region: add ?region=… or set AWS_REGION.');
}

function readPrefix(path: string): string {
  const prefix = decode(path).replace(/^\/|\/$/g, '');
  if (prefix === '') return '';
  // Servers, proxies and signers disagree about these.
  if (prefix.split('/').some((segment) => ['', '.', '..'].includes(segment)))
    throw new S3SettingError('BLOBS_URL must have a prefix without empty parts and without . and .. in it.');
  if (/\p{Cc}/u.test(prefix))
    throw new S3SettingError('BLOBS_URL must have a prefix without control characters.');
  if (Buffer.byteLength(prefix) > MAX_PREFIX_BYTES)
    throw new S3SettingError(`BLOBS_URL must have a prefix of at most ${MAX_PREFIX_BYTES} bytes.`);
  return prefix;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new S3SettingError(
      'BLOBS_URL must have a prefix in which every % begins an escaped byte of UTF-8.',
    );
  }
}

/** Amazon's own way, except where a certificate for `*.s3.…` would not hold for the bucket. */
function readPathStyle(text: string | undefined, endpoint: URL, bucket: string): boolean {
  if (text === undefined) return !AMAZON.test(endpoint.hostname) || bucket.includes('.');
  if (!/^(?:1|0|true|false)$/.test(text))
    throw new S3SettingError('BLOBS_URL must have a pathStyle of 1 or 0.');
  return text === '1' || text === 'true';
}

function readConcurrency(text: string | undefined): number {
  if (text === undefined) return DEFAULT_CONCURRENCY;
  if (!/^[1-9]\d{0,2}$|^1000$/.test(text))
    throw new S3SettingError('BLOBS_URL must have a concurrency of 1 to 1000.');
  return Number(text);
}
