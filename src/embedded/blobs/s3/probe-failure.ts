import { Fault, type FaultKind } from '../../../calls/fault.js';
import { StorageError } from '../../../services/storage-error.js';
import type { S3Address } from './address.js';
import { S3ResponseError } from './response-error.js';
import { S3SettingError } from './setting-error.js';

/** The error response of S3, where there was one. */
export function responseErrorOf(error: unknown): S3ResponseError | null {
  const fault = faultIn(error);
  return fault?.cause instanceof S3ResponseError ? fault.cause : null;
}

/** Says which setting is wrong, as far as it can be known: in one line, and without a secret. */
export function explainFailure(error: unknown, address: S3Address): S3SettingError {
  if (error instanceof S3SettingError) return error;
  const fault = faultIn(error);
  // Who gives out credentials has said it already.
  if (fault?.cause instanceof S3SettingError) return fault.cause;
  const response = responseErrorOf(error);
  const message =
    response && response.code !== null
      ? ofResponse(response, response.code, address)
      : ofConnection(error, fault, address);
  return new S3SettingError(message, { cause: error });
}

const INSTEAD = 'or what gives the credentials in its place';

function ofResponse(error: S3ResponseError, code: string, address: S3Address): string {
  const { bucket, endpoint, regionFrom, region } = address;
  const said = `${error.operation}: ${error.status} ${code}`;
  switch (code) {
    case 'NoSuchBucket':
      return `BLOBS_URL names the bucket ${bucket}, which ${endpoint.host} does not have (${said}).`;
    case 'InvalidAccessKeyId':
      return `AWS_ACCESS_KEY_ID, ${INSTEAD}, names a key that ${endpoint.host} does not know (${said}).`;
    case 'SignatureDoesNotMatch':
      return `AWS_SECRET_ACCESS_KEY, ${INSTEAD}, is not the secret of the access key (${said}).`;
    case 'ExpiredToken':
    case 'InvalidToken':
    case 'TokenRefreshRequired':
      return `AWS_SESSION_TOKEN, ${INSTEAD}, does not hold, or no longer (${said}).`;
    case 'RequestTimeTooSkewed':
      return `BLOBS_URL: the clock of this machine and that of ${endpoint.host} differ too much (${said}).`;
    case 'AuthorizationHeaderMalformed':
    case 'PermanentRedirect':
    case 'TemporaryRedirect':
    case 'Redirect':
    case 'IllegalLocationConstraintException': {
      const where = error.region === null ? 'another region' : `the region ${error.region}`;
      return `${regionFrom} sets the region ${region} for the bucket ${bucket}, but it is in ${where} (${said}).`;
    }
    case 'AccessDenied':
    case 'AllAccessDisabled':
      return `BLOBS_URL: the credentials do not allow s3:${error.operation} in the bucket ${bucket} (${said}).`;
    default:
      return `BLOBS_URL: ${endpoint.host} refused to be used (${said}).`;
  }
}

function ofConnection(error: unknown, fault: Fault | null, { endpoint, endpointFrom }: S3Address): string {
  const place = `${endpointFrom}: the object store at ${endpoint.host}`;
  if (fault && NO_S3.has(fault.kind))
    return `${endpointFrom} leads to ${endpoint.host}, where no S3 responds.`;
  if (fault?.kind === 'UNREACHABLE') return `${place} cannot be reached${codeOf(fault.cause)}.`;
  if (error instanceof StorageError) return `BLOBS_URL: ${error.message}`;
  return `BLOBS_URL: the object store cannot be used${codeOf(error)}.`;
}

/** Of what is not even an error of S3's. */
const NO_S3: ReadonlySet<FaultKind> = new Set([
  'NOT_THE_SERVICE',
  'GARBLED',
  'REDIRECT',
  'REFUSED',
  'TOO_LARGE',
]);

function faultIn(error: unknown): Fault | null {
  return error instanceof StorageError && error.cause instanceof Fault ? error.cause : null;
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? ` (${code})` : '';
}
