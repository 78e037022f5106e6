import { beforeAll, describe, expect, it } from 'vitest';
import { lookalike } from '../harness/command.js';
import { openTestEngine } from '../harness/engine.js';
import type { SharedServers } from '../harness/shared-servers.js';
import type { SharedStorage } from '../harness/shared-storage.js';

export function describeCollections(servers: () => SharedServers): void {
  describe('lookalike collections', () => {
    let shared: SharedStorage;
    beforeAll(async () => {
      shared = await servers().create();
    });

    async function json(...args: string[]): Promise<Record<string, string>[]> {
      const { code, stdout, stderr } = await lookalike(['collections', ...args, '--json'], shared.env);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return JSON.parse(stdout);
    }

    it('lists, makes and opens them, and a gateway that runs knows the keys at once', async () => {
      const engine = await openTestEngine({ storage: shared });
      const { collection } = engine.defaultCollection!;
      expect(await json('list')).toEqual([collection]);
      const [made] = await json('create', 'holidays', '--user', 'me@x.example');
      const { collectionId, publicKey, secretKey } = made!;
      expect(made).toMatchObject({ name: 'holidays', user: 'me@x.example' });
      const known = { collectionId, secretKey };
      expect(await engine.collectionKeys.find(publicKey!)).toEqual(known);
      expect(await json('keys', collectionId!)).toEqual([{ publicKey, secretKey }]);

      const [rotated] = await json('keys', collectionId!, '--rotate');
      expect(rotated!.publicKey).not.toBe(publicKey);
      expect(await engine.collectionKeys.find(publicKey!)).toBeNull();
      expect(await engine.collectionKeys.find(rotated!.publicKey!)).toEqual({
        collectionId,
        secretKey: rotated!.secretKey,
      });
      expect(await json('keys', collectionId!)).toEqual([rotated]);
      await engine.close();
    });

    it('leaves one pair when it is rotated several times at once', async () => {
      const [{ collectionId } = {}] = await json('list');
      const rotated = await Promise.all([1, 2, 3].map(() => json('keys', collectionId!, '--rotate')));
      const left = await json('keys', collectionId!);
      expect(left).toHaveLength(1);
      expect(rotated.flat()).toContainEqual(left[0]);
    });

    it('needs no bucket, and says in one line that a database cannot be reached', async () => {
      const gone = { ...shared.env, DATABASE_URL: shared.databaseUrl.replace(/:\d+\//, ':1/') };
      const { code, stdout, stderr } = await lookalike(['collections', 'list'], gone);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^lookalike: DATABASE_URL[^\n]*\n$/);
    });
  });
}
