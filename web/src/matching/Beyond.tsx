import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type Candidate, type Pet, setCriteria, type Widened } from '../api/generated';
import { toProblem } from '../api/problem';
import { Alert } from '../components/Alert';
import { Button } from '../components/Button';
import { Actions } from '../components/Card';
import { Section } from '../components/Section';
import { strings } from '../strings';
import { CandidateList } from './CandidateList';
import { candidatesKey, myCriteria } from './queries';

const words = strings.discover;

/** Those whom a wider search found, after what it gave up for them; at a press it is wider from then on. */
export function Beyond({
  widened,
  candidates,
  myPet,
}: {
  widened: Widened;
  candidates: Candidate[];
  myPet: Pet;
}) {
  const queries = useQueryClient();
  const keep = useMutation({
    mutationFn: () => setCriteria({ body: widened.criteria }),
    onSuccess: async (criteria) => {
      queries.setQueryData(myCriteria.queryKey, criteria);
      await queries.invalidateQueries({ queryKey: candidatesKey });
    },
  });
  return (
    <Section title={words.beyond} intro={words.beyondIntro}>
      <ul>
        {widened.relaxed.map((given) => (
          <li key={given}>{given}</li>
        ))}
      </ul>
      <Actions>
        <Button busy={keep.isPending} onClick={() => keep.mutate()}>
          {words.keepWide}
        </Button>
      </Actions>
      <Alert>{keep.isError && toProblem(keep.error).message}</Alert>
      {candidates.length === 0 && <p>{words.beyondNobody}</p>}
      <CandidateList candidates={candidates} myPet={myPet} />
    </Section>
  );
}
