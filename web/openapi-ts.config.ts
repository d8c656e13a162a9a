import { defineConfig } from '@hey-api/openapi-ts';

export default defineConfig({
  // OPENAPI lets a contract that is not committed yet be tried.
  input: process.env.OPENAPI ?? '../functions/operations/openapi.json',
  output: 'src/api/generated',
  plugins: [
    { name: '@hey-api/client-fetch', runtimeConfigPath: '../runtime', throwOnError: true },
    '@hey-api/typescript',
    { name: '@hey-api/sdk', responseStyle: 'data' },
  ],
});
