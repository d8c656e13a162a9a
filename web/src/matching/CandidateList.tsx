import type { Candidate, Pet } from '../api/generated';
import { CardList } from '../components/Card';
import { CandidateCard } from './CandidateCard';

export function CandidateList({ candidates, myPet }: { candidates: Candidate[]; myPet: Pet }) {
  if (candidates.length === 0) {
    return null;
  }
  return (
    <CardList>
      {candidates.map((candidate) => (
        <li key={candidate.pet.pet_id}>
          <CandidateCard candidate={candidate} myPet={myPet} />
        </li>
      ))}
    </CardList>
  );
}
