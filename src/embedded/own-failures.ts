import { Readable } from 'node:stream';
import { relay } from '../calls/relay.js';
import type { Duplicates } from '../services/duplicates.js';
import type { ServiceError, ServiceName } from '../services/errors.js';
import type { ImgCache } from '../services/imgcache.js';
import { StorageError } from '../services/storage-error.js';
import type { CollectionKeys, VisualSnoop } from '../services/visualsnoop.js';

interface EmbeddedServices {
  imgcache: ImgCache;
  visualsnoop: VisualSnoop;
  collectionKeys: CollectionKeys;
  duplicates: Duplicates;
}

/**
 * The services with failures of what they keep bytes and rows in as their own: a StorageError becomes a ServiceError of
 * the same kind, also one that ends a stream of bytes. Nothing else of them changes.
 */
export function withOwnFailures({
  imgcache,
  visualsnoop,
  collectionKeys,
  duplicates,
}: EmbeddedServices): EmbeddedServices {
  return {
    imgcache: tellingAs('IMGCACHE', imgcache),
    visualsnoop: tellingAs('VISUALSNOOP', visualsnoop),
    collectionKeys: tellingAs('VISUALSNOOP', collectionKeys),
    duplicates: tellingAs('IMGCACHE', duplicates),
  };
}

function tellingAs<Service extends object>(name: ServiceName, service: Service): Service {
  return new Proxy(service, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target);
      if (typeof member !== 'function') return member;
      return (...parameters: unknown[]) => {
        const result: unknown = member.apply(target, parameters);
        if (isAsyncIterable(result)) return tellingEach(result, name);
        if (!(result instanceof Promise)) return result;
        return result.then(
          (value: unknown) => withOwnStream(value, name),
          (error) => throwOwn(error, name),
        );
      };
    },
  });
}

async function* tellingEach(items: AsyncIterable<unknown>, name: ServiceName): AsyncGenerator<unknown> {
  try {
    yield* items;
  } catch (error) {
    throwOwn(error, name);
  }
}

function throwOwn(error: unknown, name: ServiceName): never {
  throw own(error, name);
}

function own<E>(error: E, name: ServiceName): E | ServiceError {
  return error instanceof StorageError ? error.toServiceError(name) : error;
}

/** Bytes are resolved as a stream, or as a property of what is known of them. */
function withOwnStream(value: unknown, name: ServiceName): unknown {
  if (value instanceof Readable) return relay(value, (error) => own(error, name));
  if (typeof value !== 'object' || value === null || !('stream' in value)) return value;
  return { ...value, stream: withOwnStream(value.stream, name) };
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
