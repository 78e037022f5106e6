import { configDefaults, defineConfig } from 'vitest/config';
import { PATIENCE_MS } from './test/harness/patience.js';
import Sequencer from './test/harness/sequencer.js';

/** These spy on modules of the built code, which vitest has to load itself for that, anew for each file. */
const SPYING = ['test/graphql/execution/{documents,execution}.test.ts'];

export default defineConfig({
  // Node gives the built code graphql's CommonJS form; the tests must not load its other form beside it.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    globalSetup: 'test/harness/global-setup.ts',
    setupFiles: 'test/harness/each-file.ts',
    // So long that what a test waits for within it fails first, which says what did not come.
    testTimeout: 4 * PATIENCE_MS,
    hookTimeout: 4 * PATIENCE_MS,
    expect: { poll: { timeout: PATIENCE_MS } },
    sequence: { sequencer: Sequencer },
    // Two are busy while the others wait for what a test wants to see after its time.
    maxWorkers: 4,
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...SPYING],
          // Each worker loads the built code once, as Node does, and the harness; the test files are loaded each by itself.
          isolate: false,
          server: { deps: { external: [/\/dist\/.*\.js$/] } },
        },
      },
      { extends: true, test: { name: 'spying', include: SPYING } },
    ],
  },
});
