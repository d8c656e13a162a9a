import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Vitest has a BASE_URL of its own, which hides the one that we were started with.
    env: { STACK: process.env.BASE_URL ?? 'http://localhost:3000' },
    include: ['e2e/**/*.e2e.ts'],
    testTimeout: 180_000,
    hookTimeout: 60_000,
    // A step that needs the one before is not worth trying when that failed.
    bail: 1,
    fileParallelism: false,
  },
});
