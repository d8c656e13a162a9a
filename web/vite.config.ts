import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const stack = process.env.BASE_URL ?? 'http://localhost:3000';

export default defineConfig({
  plugins: [react()],
  // Behind the strict content security policy a data: address would be refused.
  build: { assetsInlineLimit: 0 },
  server: { proxy: { '/api': stack, '/_local': stack } },
  test: {
    environment: 'jsdom',
    environmentOptions: { jsdom: { url: 'http://localhost:3000' } },
    include: ['src/**/*.test.{ts,tsx}'],
    testTimeout: 60_000,
    setupFiles: ['src/setup.test-support.ts'],
  },
});
