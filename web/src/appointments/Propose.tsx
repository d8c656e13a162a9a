import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from 'react-router';
import { createAppointment, type Match, type Pet, type PetCard, readMatch } from '../api/generated';
import { Alert } from '../components/Alert';
import { ButtonLink } from '../components/Button';
import { Field, Form } from '../components/Form';
import { number, text } from '../components/formValues';
import { Loaded } from '../components/Loaded';
import { Page } from '../components/Page';
import { PetHead } from '../pets/PetHead';
import { myPets } from '../pets/queries';
import { strings } from '../strings';
import { myAgenda } from './queries';
import { WhenFields, whenOf } from './WhenFields';

const words = strings.propose;
const MAX_WEEKS = 26;

export function Propose() {
  const { matchId = '' } = useParams();
  const match = useQuery({
    queryKey: ['matches', matchId],
    queryFn: () => readMatch({ path: { match_id: matchId } }),
  });
  const pets = useQuery(myPets);
  const other = match.data?.other_pet;
  return (
    <Page title={other ? words.title(other.name) : words.goneTitle}>
      <Loaded query={match}>
        {(found) =>
          found.other_pet ? (
            <Loaded query={pets}>
              {(mine) => <Proposal match={found} other={found.other_pet as PetCard} pets={mine} />}
            </Loaded>
          ) : (
            <Alert>{strings.matches.gone}</Alert>
          )
        }
      </Loaded>
    </Page>
  );
}

function Proposal({ match, other, pets }: { match: Match; other: PetCard; pets: Pet[] }) {
  const navigate = useNavigate();
  const queries = useQueryClient();

  async function send(form: FormData, key: string) {
    const weeks = number(form, 'repeat/weeks');
    await createAppointment({
      headers: { 'Idempotency-Key': key },
      body: {
        kind: 'playdate',
        pet_id: text(form, 'pet_id') ?? '',
        other_pet_id: other.pet_id,
        ...whenOf(form),
        place: text(form, 'place'),
        place_is_public: form.get('place_is_public') !== null,
        repeat: weeks ? { weeks } : undefined,
      },
    });
    await queries.invalidateQueries({ queryKey: myAgenda.queryKey });
    navigate('/agenda', { state: { sent: true } });
  }

  return (
    <>
      <PetHead pet={other} />
      <Form send={send} submit={words.submit} aside={<ButtonLink to="/matches">{words.back}</ButtonLink>}>
        <Field name="pet_id" label={words.myPet}>
          {(attributes) => (
            <select {...attributes} defaultValue={match.my_pet?.pet_id} required>
              {pets.map((pet) => (
                <option key={pet.pet_id} value={pet.pet_id}>
                  {pet.name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <WhenFields />
        <Field name="place" label={words.place} hint={words.placeHint} optional>
          {(attributes) => <input {...attributes} type="text" autoComplete="off" maxLength={500} />}
        </Field>
        <Field name="place_is_public" label={words.placeIsPublic} hint={words.placeIsPublicHint}>
          {(attributes) => <input {...attributes} type="checkbox" />}
        </Field>
        <Field name="repeat/weeks" label={words.weeks} hint={words.weeksHint} optional>
          {(attributes) => <input {...attributes} type="number" min={2} max={MAX_WEEKS} step={1} />}
        </Field>
      </Form>
    </>
  );
}
