import { expect, test } from 'vitest';
import { CallThread } from '#src/embedded/threads/call-thread.js';
import { StorageError } from '#src/services/storage-error.js';

const built = (path: string) => JSON.stringify(new URL(`../../../dist/${path}`, import.meta.url).href);
const PROGRAM = `
  import { serveCalls } from ${built('embedded/threads/serve-calls.js')};
  import { StorageError } from ${built('services/storage-error.js')};
  serveCalls(async ({ name }) => {
    if (name === 'other') throw new Error('mine');
    throw new StorageError('the store is away', { code: 'TIMEOUT', retryable: true, cause: new Error('inside') });
  });`;

test('a failure of the storage comes out of a thread as one', async () => {
  const thread = new CallThread<{ name: 'fail' | 'other' }, Record<'fail' | 'other', void>>({
    name: 'test',
    entry: new URL(`data:text/javascript,${encodeURIComponent(PROGRAM)}`),
    data: null,
  });
  const [failure, other] = await Promise.all(
    (['fail', 'other'] as const).map((name) => thread.call({ name }).catch((error: unknown) => error)),
  );
  await thread.close();
  expect(failure).toBeInstanceOf(StorageError);
  expect(failure).toMatchObject({ message: 'The store is away.', code: 'TIMEOUT', retryable: true });
  expect(String((failure as Error).cause)).toContain('inside');
  expect(other).not.toBeInstanceOf(StorageError);
  expect(String(other)).toContain('mine');
});
