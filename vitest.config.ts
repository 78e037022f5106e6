import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Each file starts servers and threads of its own; more files at once only wait for each other.
    maxWorkers: 2,
  },
});
