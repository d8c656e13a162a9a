import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { createPet, type NewPet } from '../api/generated';
import { Problem } from '../api/problem';
import { ButtonLink } from '../components/Button';
import { Choices, Field, FieldRow, Form, Options } from '../components/Form';
import { choice, number, text } from '../components/formValues';
import { Page } from '../components/Page';
import { strings } from '../strings';
import styles from './AddPet.module.css';
import { grams } from './facts';
import { myPets } from './queries';

const words = strings.pets.form;

export function AddPet() {
  const navigate = useNavigate();
  const queries = useQueryClient();

  async function send(form: FormData, key: string) {
    const pet = await createPet({ body: describe(form), headers: { 'Idempotency-Key': key } });
    await queries.invalidateQueries({ queryKey: myPets.queryKey });
    navigate('/pets', { state: { added: pet.name } });
  }

  return (
    <Page title={words.title}>
      <Form send={send} submit={words.submit} aside={<ButtonLink to="/pets">{words.back}</ButtonLink>}>
        <Field name="name" label={words.name}>
          {(attributes) => <input {...attributes} type="text" autoComplete="off" maxLength={80} required />}
        </Field>
        <FieldRow>
          <Field name="type" label={words.type}>
            {(attributes) => (
              <select {...attributes} required>
                <Options of={strings.pets.types} />
              </select>
            )}
          </Field>
          <Field name="breed" label={words.breed} hint={words.breedHint} optional>
            {(attributes) => <input {...attributes} type="text" autoComplete="off" maxLength={80} />}
          </Field>
        </FieldRow>
        <FieldRow>
          <Field name="age" label={words.age} hint={words.ageHint}>
            {(attributes) => <input {...attributes} type="number" inputMode="numeric" min={0} max={200} />}
          </Field>
          <Field name="birth_date" label={words.birthDate} optional>
            {(attributes) => <input {...attributes} type="date" />}
          </Field>
        </FieldRow>
        <Choices name="size" legend={words.size} options={strings.pets.sizes} initial="medium" />
        <Choices
          name="activity_level"
          legend={words.activity}
          options={strings.pets.activities}
          initial="medium"
        />
        <details className={styles.more}>
          <summary>{words.more}</summary>
          <div className={styles.inside}>
            <FieldRow>
              <Field name="weight_g" label={words.weight} optional>
                {(attributes) => (
                  <input {...attributes} type="number" inputMode="decimal" min={0} max={999.99} step={0.01} />
                )}
              </Field>
              <Field name="vaccinated_until" label={words.vaccinatedUntil} optional>
                {(attributes) => <input {...attributes} type="date" />}
              </Field>
            </FieldRow>
            <Choices
              name="good_with_children"
              legend={words.goodWithChildren}
              options={strings.pets.goodWithChildren}
              initial="unknown"
            />
            <Field name="temperament" label={words.temperament} hint={words.temperamentHint} optional>
              {(attributes) => <textarea {...attributes} rows={3} maxLength={2000} />}
            </Field>
          </div>
        </details>
      </Form>
    </Page>
  );
}

function describe(form: FormData): NewPet {
  const birthDate = text(form, 'birth_date');
  const age = number(form, 'age');
  const weight = number(form, 'weight_g');
  if (birthDate === undefined && age === undefined) {
    throw new Problem(422, 'invalid', words.ageNeeded, [
      { pointer: '/age', type: 'needed', detail: words.ageNeeded },
    ]);
  }
  return {
    name: text(form, 'name') ?? '',
    type: choice(form, 'type'),
    breed: text(form, 'breed'),
    // The birth date is the better of the two, and the server takes exactly one.
    ...(birthDate === undefined ? { age } : { birth_date: birthDate }),
    weight_g: weight === undefined ? undefined : grams(weight),
    size: choice(form, 'size'),
    activity_level: choice(form, 'activity_level'),
    good_with_children: choice(form, 'good_with_children'),
    vaccinated_until: text(form, 'vaccinated_until'),
    temperament: text(form, 'temperament'),
  };
}
