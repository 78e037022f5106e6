import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { urlHost } from '#src/services/url-host.js';
import { type ContractStore, describeStores, insert, newEntry } from './stores.js';

const PARTS = [
  ...['http', 'HTTPS', '://', '//', ':', '/', '?', '#', '\\', '@', '[', ']', '::1', 'a.example', 'B', '80'],
  ...['é', 'É', '😀', ' ', '\n', '%', '+', '-', '.', 'x'.repeat(254), 'é'.repeat(130)],
];
const url = fc.oneof(
  fc.array(fc.constantFrom(...PARTS), { maxLength: 8 }).map((parts) => parts.join('')),
  fc.array(fc.constantFrom(...PARTS), { maxLength: 8 }).map((parts) => `http://${parts.join('')}`),
);

describeStores('The hosts of URLs', (open) => {
  let opened: ContractStore;
  beforeAll(async () => {
    opened = await open();
  });

  it('are found as they are read from each URL', async () => {
    const urls = [...new Set(fc.sample(url, 600))];
    for (const [number, each] of urls.entries()) await insert(opened.store, newEntry(number, { url: each }));
    const hosts = new Map<string, number>();
    for (const host of urls.map(urlHost)) if (host !== null) hosts.set(host, (hosts.get(host) ?? 0) + 1);
    expect(hosts.size).toBeGreaterThan(20);
    for (const [host, count] of hosts)
      expect([host, await opened.counts.countEntries('', { urlHost: host })]).toEqual([host, count]);
  });
});
