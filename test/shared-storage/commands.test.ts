import { afterAll, beforeAll, describe } from 'vitest';
import { SharedServers, sharedStorageMissing } from '../harness/shared-servers.js';
import { describeCheck } from './check.js';
import { describeCollections } from './collections.js';
import { describeImport } from './import.js';
import { describeMigrate } from './migrate.js';
import { describeReindex } from './reindex.js';

const title = 'on PostgreSQL and S3';
describe.skipIf(sharedStorageMissing)(
  sharedStorageMissing ? `${title} (${sharedStorageMissing})` : title,
  () => {
    let started: SharedServers;
    beforeAll(async () => {
      started = await SharedServers.start();
    });
    afterAll(() => started[Symbol.asyncDispose]());
    const servers = () => started;

    describeCollections(servers);
    describeImport(servers);
    describeReindex(servers);
    describeCheck(servers);
    describeMigrate(servers);
  },
);
