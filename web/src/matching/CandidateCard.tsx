import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { type Candidate, likePet, type Pet, passOnPet, undoPass } from '../api/generated';
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
import { Safety } from './Safety';

const words = strings.discover;

export function CandidateCard({ candidate, myPet }: { candidate: Candidate; myPet: Pet }) {
  const { pet } = candidate;
  const queries = useQueryClient();
  const [keys] = useState(() => new IdempotencyKeys());
  const [blocked, setBlocked] = useState(false);
  // Not fetched again now: the card stays until the list is next opened.
  const later = () => queries.invalidateQueries({ queryKey: candidatesKey, refetchType: 'none' });
  const pass = useMutation({
    mutationFn: () => {
      const body = { pet_id: myPet.pet_id, target_pet_id: pet.pet_id };
      return passOnPet({ body, headers: { 'Idempotency-Key': keys.keyFor(['pass', body]) } });
    },
    onSuccess: async () => {
      keys.done();
      await later();
    },
  });
  const undo = useMutation({
    mutationFn: () => undoPass({ path: { target_pet_id: pet.pet_id } }),
    onSuccess: async () => {
      pass.reset();
      await later();
    },
  });
  const like = useMutation({
    mutationFn: () => {
      const body = { pet_id: myPet.pet_id, target_pet_id: pet.pet_id };
      return likePet({ body, headers: { 'Idempotency-Key': keys.keyFor(body) } });
    },
    onSuccess: async ({ match }) => {
      keys.done();
      await later();
      if (match) {
        await queries.invalidateQueries({ queryKey: myMatches.queryKey });
      }
    },
  });

  if (blocked) {
    return (
      <Card>
        <Outcome>
          <p className={styles.said}>{strings.safety.blocked(pet.name)}</p>
        </Outcome>
      </Card>
    );
  }
  if (pass.data) {
    return (
      <Card>
        <Outcome>
          <p className={styles.said}>{words.passed(pet.name)}</p>
        </Outcome>
        <Actions>
          <Button busy={undo.isPending} onClick={() => undo.mutate()} aria-label={words.undoPass(pet.name)}>
            {words.undo}
          </Button>
        </Actions>
        <Alert>{undo.isError && toProblem(undo.error).message}</Alert>
      </Card>
    );
  }
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
          <Button busy={pass.isPending} onClick={() => pass.mutate()} aria-label={words.passOn(pet.name)}>
            {words.pass}
          </Button>
        </Actions>
      )}
      <Alert>{like.isError && toProblem(like.error).message}</Alert>
      <Alert>{pass.isError && toProblem(pass.error).message}</Alert>
      <Safety whom={{ pet_id: pet.pet_id }} name={pet.name} onBlocked={() => setBlocked(true)} />
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
