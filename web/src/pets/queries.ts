import { queryOptions } from '@tanstack/react-query';
import { listPets } from '../api/generated';

// An owner has twenty pets at the most, so one page holds them all.
export const myPets = queryOptions({
  queryKey: ['pets'],
  queryFn: async () => (await listPets({ query: { limit: 100 } })).items,
});
