import { infiniteQueryOptions, queryOptions, useQuery } from '@tanstack/react-query';
import { listAppointments, readAppointment } from '../api/generated';
import { myMatches } from '../matching/queries';
import { myPets } from '../pets/queries';

// From thirty days ago on, in the order of time.
export const myAgenda = infiniteQueryOptions({
  queryKey: ['appointments'],
  queryFn: ({ pageParam }) => listAppointments({ query: { cursor: pageParam ?? undefined, limit: 100 } }),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next_cursor,
});

/** Its key begins as the agenda's does, so that whatever makes that out of date holds for it too. */
export const oneAppointment = (appointment_id: string) =>
  queryOptions({
    queryKey: [...myAgenda.queryKey, appointment_id],
    queryFn: () => readAppointment({ path: { appointment_id } }),
  });

/** Appointments name pets by id only: mine are in my list, the others' in my matches. */
export function usePetNames(): Map<string, string> {
  const pets = useQuery(myPets).data ?? [];
  const matches = useQuery(myMatches).data ?? [];
  const others = matches.flatMap((match) => match.other_pet ?? []);
  return new Map([...others, ...pets].map((pet) => [pet.pet_id, pet.name]));
}
