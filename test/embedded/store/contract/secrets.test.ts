import { beforeEach, expect, it } from 'vitest';
import { SECRET_BYTES, type Store } from '#src/embedded/store/store.js';
import { describeStores } from './stores.js';

describeStores('Secrets', (open) => {
  let store: Store;
  beforeEach(async () => {
    ({ store } = await open());
  });

  it('are made once, by their name, also when several ask at once', async () => {
    const found = await Promise.all(Array.from({ length: 5 }, () => store.secrets.findOrMake('links')));
    expect(found[0]).toHaveLength(SECRET_BYTES);
    for (const secret of found) expect(secret.equals(found[0]!)).toBe(true);
    expect((await store.secrets.findOrMake('links')).equals(found[0]!)).toBe(true);
    expect((await store.secrets.findOrMake('others')).equals(found[0]!)).toBe(false);
  });
});
