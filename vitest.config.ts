import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Node gives the built code graphql's CommonJS form; the tests must not load its other form beside it.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/harness/global-setup.ts',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Each file starts servers and threads of its own; more files at once only wait for each other.
    maxWorkers: 2,
  },
});
