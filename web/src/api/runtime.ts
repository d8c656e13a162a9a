import { accessToken, fetchWithSession } from '../auth/session';
import type { CreateClientConfig } from './generated/client.gen';

/** How the generated client reaches the API: same origin, signed in when somebody is. */
export const createClientConfig: CreateClientConfig = (config) => ({
  ...config,
  baseUrl: `${window.location.origin}/api`,
  auth: () => accessToken() ?? undefined,
  fetch: (request) => fetchWithSession(request as Request),
});
