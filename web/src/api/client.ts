import { QueryClient } from '@tanstack/react-query';
import { client } from './generated/client.gen';
import { Problem, toProblem } from './problem';

// Everything that the generated client throws is a Problem from here on.
client.interceptors.error.use((error, response) => toProblem(error, response));

const mayPass = (problem: unknown) =>
  problem instanceof Problem && (problem.status === 0 || problem.status >= 502);

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Always, since a paused query would show "Loading" for as long as the line is down.
        networkMode: 'always',
        retry: (failures, problem) => failures < 2 && mayPass(problem),
        staleTime: 15_000,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}
