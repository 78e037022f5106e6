import { expect, it } from 'vitest';
import { RecentKeys } from '#src/remote/imgcache/recent-keys.js';

it('knows a key that came before', () => {
  const keys = new RecentKeys();
  expect([keys.add('a'), keys.add('b'), keys.add('a'), keys.add('b'), keys.add('')]).toEqual([
    false,
    false,
    true,
    true,
    false,
  ]);
});

it('takes none of many for known that never came, and remembers most of some thousands', () => {
  const keys = new RecentKeys();
  const names = Array.from(
    { length: 4000 },
    (_, i) => `/images/similar?perceptual_hash=${i.toString(16)} {"limit":20}`,
  );
  expect(names.filter((name) => keys.add(name))).toEqual([]);
  expect(names.filter((name) => keys.add(name)).length).toBeGreaterThan(3000);
});

it('forgets what is long past', () => {
  const keys = new RecentKeys();
  const first = Array.from({ length: 100 }, (_, i) => `first ${i}`);
  for (const name of first) keys.add(name);
  for (let i = 0; i < 200_000; i++) keys.add(`other ${i}`);
  expect(first.filter((name) => keys.add(name)).length).toBeLessThan(10);
});
