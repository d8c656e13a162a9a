import { infiniteQueryOptions } from '@tanstack/react-query';
import { listAppointments } from '../api/generated';

// From thirty days ago on, in the order of time.
export const myAgenda = infiniteQueryOptions({
  queryKey: ['appointments'],
  queryFn: ({ pageParam }) => listAppointments({ query: { cursor: pageParam ?? undefined, limit: 100 } }),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next_cursor,
});
