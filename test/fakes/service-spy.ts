import { LightSignal } from '#src/request/light-signal.js';
import { ServiceError, type ServiceName } from '#src/services/errors.js';

export interface ServiceSpy<T extends object> {
  service: T;
  /** Every call: the method and its arguments, without the signal. */
  calls: [method: string, ...args: unknown[]][];
  /** The methods that fail from now on, and with what. */
  failures: Map<string, Error>;
}

/** Watches a service, and fails in its place. */
export function spyOn<T extends object>(target: T): ServiceSpy<T> {
  const calls: ServiceSpy<T>['calls'] = [];
  const failures = new Map<string, Error>();
  const service = new Proxy(target, {
    get(_target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function' || typeof name !== 'string') return member;
      return (...args: unknown[]) => {
        calls.push([name, ...args.filter((arg) => !isSignal(arg))]);
        const failure = failures.get(name);
        if (!failure) return member.apply(target, args);
        return Object.getPrototypeOf(member) === AsyncGeneratorFunction.prototype
          ? failingList(failure)
          : Promise.reject(failure);
      };
    },
  });
  return { service, calls, failures };
}

const AsyncGeneratorFunction = Object.getPrototypeOf(failingList).constructor;

// biome-ignore lint/correctness/useYield: a list fails when its first batch is asked for.
async function* failingList(failure: Error): AsyncGenerator<never> {
  throw failure;
}

export function unavailable(service: ServiceName): ServiceError {
  return new ServiceError(`${service} is away.`, { service, code: 'UNAVAILABLE', retryable: true });
}

function isSignal(arg: unknown): boolean {
  return arg instanceof AbortSignal || arg instanceof LightSignal;
}
