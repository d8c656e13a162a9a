import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { endWatch, type Pet, setWatch } from '../api/generated';
import { IdempotencyKeys } from '../api/idempotency';
import { toProblem } from '../api/problem';
import { Alert } from '../components/Alert';
import { Button } from '../components/Button';
import { Actions, Card } from '../components/Card';
import { strings } from '../strings';
import { myWatches } from './queries';

const words = strings.discover;

/** Whether the owner is told when somebody appears, and the switch for it, where few fit or it is on. */
export function TellMe({ pet, few }: { pet: Pet; few: boolean }) {
  const queries = useQueryClient();
  const watches = useQuery(myWatches);
  const [keys] = useState(() => new IdempotencyKeys());
  const body = { pet_id: pet.pet_id };
  const again = () => queries.invalidateQueries({ queryKey: myWatches.queryKey });
  const begin = useMutation({
    mutationFn: () => setWatch({ body, headers: { 'Idempotency-Key': keys.keyFor(body) } }),
    onSuccess: async () => {
      keys.done();
      await again();
    },
  });
  const end = useMutation({ mutationFn: () => endWatch({ query: body }), onSettled: again });

  if (!watches.data) {
    return null;
  }
  const watching = watches.data.some((watch) => watch.pet_id === pet.pet_id);
  if (!watching && !few) {
    return null;
  }
  return (
    <Card>
      <p aria-live="polite">{watching ? words.willTell : words.tellMeIntro}</p>
      <Actions>
        {watching ? (
          <Button busy={end.isPending} onClick={() => end.mutate()}>
            {words.stopTelling}
          </Button>
        ) : (
          <Button look="main" busy={begin.isPending} onClick={() => begin.mutate()}>
            {words.tellMe}
          </Button>
        )}
      </Actions>
      <Alert>{begin.isError && toProblem(begin.error).message}</Alert>
      <Alert>{end.isError && toProblem(end.error).message}</Alert>
    </Card>
  );
}
