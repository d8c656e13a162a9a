import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { createAppointment, type Match, type Pet, type PetCard, readMatch } from '../api/generated';
import { Alert } from '../components/Alert';
import { ButtonLink } from '../components/Button';
import { Field, FieldRow, Form } from '../components/Form';
import { number, text } from '../components/formValues';
import { Loaded } from '../components/Loaded';
import { Page } from '../components/Page';
import { viewerZone, zoneName } from '../components/zones';
import { PetHead } from '../pets/PetHead';
import { myPets } from '../pets/queries';
import { strings } from '../strings';
import { myAgenda } from './queries';
import { nextQuarter, roundToQuarter, toInstant, toLocal } from './times';

const words = strings.propose;
const DAY = 24 * 60 * 60_000;
const MAX_DAYS_AHEAD = 180;
const LENGTHS = [15, 30, 45, 60, 90, 120, 150, 180, 240];

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
  const zone = viewerZone();
  // Fixed while the form is open: a bound that moves under what was typed would be confusing.
  const [soonest] = useState(() => nextQuarter(Date.now()));

  async function send(form: FormData, key: string) {
    const start = toInstant(text(form, 'start') ?? '', zone);
    await createAppointment({
      headers: { 'Idempotency-Key': key },
      body: {
        kind: 'playdate',
        pet_id: text(form, 'pet_id') ?? '',
        other_pet_id: other.pet_id,
        start: new Date(start).toISOString(),
        minutes: number(form, 'minutes') ?? 60,
        place: text(form, 'place'),
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
        <FieldRow>
          <Field name="start" label={words.start} hint={words.startHint(zoneName(zone))}>
            {(attributes) => (
              <input
                {...attributes}
                type="datetime-local"
                step={900}
                min={toLocal(soonest, zone)}
                max={toLocal(soonest + (MAX_DAYS_AHEAD - 1) * DAY, zone)}
                defaultValue={`${toLocal(soonest + DAY, zone).slice(0, 10)}T10:00`}
                // Some browsers' pickers offer every minute whatever `step` says.
                onBlur={({ currentTarget: field }) => {
                  field.value = roundToQuarter(field.value);
                }}
                required
              />
            )}
          </Field>
          <Field name="minutes" label={words.minutes}>
            {(attributes) => (
              <select {...attributes} defaultValue={60}>
                {LENGTHS.map((minutes) => (
                  <option key={minutes} value={minutes}>
                    {words.duration(Math.floor(minutes / 60), minutes % 60)}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </FieldRow>
        <Field name="place" label={words.place} hint={words.placeHint} optional>
          {(attributes) => <input {...attributes} type="text" autoComplete="off" maxLength={500} />}
        </Field>
      </Form>
    </>
  );
}
