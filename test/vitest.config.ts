import { defineConfig } from 'vitest/config';

const root = new URL('..', import.meta.url).pathname;

/** One project per kind of promise, so that a failure says at once which kind was broken. */
export default defineConfig({
  test: {
    root,
    projects: [
      { test: { name: 'unit', root, include: ['test/unit/**/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'property', root, include: ['test/property/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'contract', root, include: ['test/contract/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'architecture',
          root,
          include: ['test/architecture/**/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      { test: { name: 'scenarios', root, include: ['test/scenarios/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'integration',
          root,
          include: ['test/integration/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'browser',
          root,
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
