import { ServiceError, type ServiceErrorCode } from '../../services/errors.js';

export function refused(message: string): ServiceError {
  return failed(message, 'REFUSED', false);
}

export function badResponse(message: string): ServiceError {
  return failed(message, 'BAD_RESPONSE', false);
}

/** @param repeatable whether a repeated call does no harm */
export function unavailable(message: string, repeatable: boolean): ServiceError {
  return failed(message, 'UNAVAILABLE', repeatable);
}

export function unsupported(message: string): ServiceError {
  return failed(message, 'UNSUPPORTED', false);
}

function failed(message: string, code: ServiceErrorCode, retryable: boolean): ServiceError {
  return new ServiceError(message, { service: 'VISUALSNOOP', code, retryable });
}
