import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { type Candidate, likePet, type Pet } from '../api/generated';
import { IdempotencyKeys } from '../api/idempotency';
import { toProblem } from '../api/problem';
import { Alert } from '../components/Alert';
import { Button } from '../components/Button';
import { Actions, Card } from '../components/Card';
import { PetHead } from '../pets/PetHead';
import { strings } from '../strings';
import styles from './CandidateCard.module.css';
import { MatchNotice } from './MatchNotice';
import { candidatesKey, myMatches } from './queries';
import { Reasons } from './Reasons';

const words = strings.discover;

export function CandidateCard({ candidate, myPet }: { candidate: Candidate; myPet: Pet }) {
  const { pet } = candidate;
  const queries = useQueryClient();
  const [keys] = useState(() => new IdempotencyKeys());
  const like = useMutation({
    mutationFn: () => {
      const body = { pet_id: myPet.pet_id, target_pet_id: pet.pet_id };
      return likePet({ body, headers: { 'Idempotency-Key': keys.keyFor(body) } });
    },
    onSuccess: async ({ match }) => {
      keys.done();
      // Not fetched again now: the card stays until the list is next opened.
      await queries.invalidateQueries({ queryKey: candidatesKey, refetchType: 'none' });
      if (match) {
        await queries.invalidateQueries({ queryKey: myMatches.queryKey });
      }
    },
  });

  return (
    <Card>
      <PetHead pet={pet} aside={candidate.distance_band} />
      {pet.temperament && <p className={styles.temperament}>{pet.temperament}</p>}
      <Reasons score={candidate.score} reasons={candidate.reasons} />
      {like.data ? (
        <Outcome>
          {like.data.match ? (
            <MatchNotice match={like.data.match} />
          ) : (
            <p className={styles.said}>{words.saidHello(pet.name)}</p>
          )}
        </Outcome>
      ) : (
        <Actions>
          <Button
            look="main"
            busy={like.isPending}
            onClick={() => like.mutate()}
            aria-label={words.sayHelloTo(pet.name)}
          >
            {words.sayHello}
          </Button>
        </Actions>
      )}
      <Alert>{like.isError && toProblem(like.error).message}</Alert>
    </Card>
  );
}

/** Takes the place of the button, and the focus that the button had. */
function Outcome({ children }: { children: React.ReactNode }) {
  const outcome = useRef<HTMLDivElement>(null);
  useEffect(() => outcome.current?.focus(), []);
  return (
    <div ref={outcome} tabIndex={-1} className={styles.outcome}>
      {children}
    </div>
  );
}
