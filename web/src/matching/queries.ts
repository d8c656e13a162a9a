import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import {
  findPlaces,
  listCandidates,
  listMatches,
  listWatches,
  readAvailability,
  readCriteria,
  readLocation,
} from '../api/generated';
import { Problem } from '../api/problem';

export const myLocation = queryOptions({
  queryKey: ['location'],
  // Not having said is no failure: null.
  queryFn: async () => {
    try {
      return await readLocation();
    } catch (error) {
      if (error instanceof Problem && error.status === 404) {
        return null;
      }
      throw error;
    }
  },
});

/** The best few places whose name begins like this. They do not change while somebody types. */
export const placesNamed = (beginning: string) =>
  queryOptions({
    queryKey: ['places', beginning],
    queryFn: async ({ signal }) => (await findPlaces({ query: { q: beginning, limit: 7 }, signal })).items,
    staleTime: Number.POSITIVE_INFINITY,
  });

export const myAvailability = queryOptions({ queryKey: ['availability'], queryFn: () => readAvailability() });

export const myCriteria = queryOptions({ queryKey: ['criteria'], queryFn: () => readCriteria() });

/** All lists of candidates: they change with pets, place, times and criteria. */
export const candidatesKey = ['candidates'];

export const candidatesFor = (petId: string) =>
  infiniteQueryOptions({
    queryKey: [...candidatesKey, petId],
    queryFn: ({ pageParam }) =>
      listCandidates({ query: { pet_id: petId, cursor: pageParam ?? undefined, limit: 20 } }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    // Coming back to the tab must not take the card away that somebody has just said hello to.
    refetchOnWindowFocus: false,
  });

export const myWatches = queryOptions({
  queryKey: ['watches'],
  queryFn: async () => (await listWatches()).items,
});

export const myMatches = queryOptions({
  queryKey: ['matches'],
  queryFn: async () => (await listMatches({ query: { limit: 100 } })).items,
});
