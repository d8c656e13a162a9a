import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Criteria, setCriteria } from '../api/generated';
import { Notice } from '../components/Alert';
import { Field, FieldRow, Form, Options } from '../components/Form';
import { choice, number } from '../components/formValues';
import { Section } from '../components/Section';
import { strings } from '../strings';
import { candidatesKey, myCriteria } from './queries';

const words = strings.criteria;
const any = { any: words.any };

export function CriteriaForm({ criteria }: { criteria: Criteria }) {
  const queries = useQueryClient();
  const [saved, setSaved] = useState(false);

  async function send(form: FormData) {
    setSaved(false);
    const answer = await setCriteria({
      body: {
        preferred_type: choice(form, 'preferred_type'),
        size_preference: choice(form, 'size_preference'),
        activity_level: choice(form, 'activity_level'),
        age_range_start: number(form, 'age_range_start'),
        age_range_end: number(form, 'age_range_end'),
        radius_km: number(form, 'radius_km') ?? criteria.radius_km,
        with_children: form.has('with_children'),
        vaccinated: form.has('vaccinated'),
      },
    });
    queries.setQueryData(myCriteria.queryKey, answer);
    await queries.invalidateQueries({ queryKey: candidatesKey });
    setSaved(true);
  }

  return (
    <Section title={words.title} intro={words.intro}>
      <Form
        send={send}
        submit={strings.aboutUs.save}
        aside={<Notice>{saved && strings.aboutUs.saved}</Notice>}
      >
        <FieldRow>
          <Field name="preferred_type" label={words.type}>
            {(attributes) => (
              <select {...attributes} defaultValue={criteria.preferred_type}>
                <Options of={{ ...any, ...strings.pets.types }} />
              </select>
            )}
          </Field>
          <Field name="size_preference" label={words.size}>
            {(attributes) => (
              <select {...attributes} defaultValue={criteria.size_preference}>
                <Options of={{ ...any, ...strings.pets.sizes }} />
              </select>
            )}
          </Field>
          <Field name="activity_level" label={words.activity}>
            {(attributes) => (
              <select {...attributes} defaultValue={criteria.activity_level}>
                <Options of={{ ...any, ...strings.pets.activities }} />
              </select>
            )}
          </Field>
        </FieldRow>
        <FieldRow>
          <Field name="age_range_start" label={words.youngest} hint={words.agesHint} optional>
            {(attributes) => (
              <input
                {...attributes}
                type="number"
                inputMode="numeric"
                min={0}
                max={200}
                defaultValue={criteria.age_range_start ?? ''}
              />
            )}
          </Field>
          <Field name="age_range_end" label={words.oldest} optional>
            {(attributes) => (
              <input
                {...attributes}
                type="number"
                inputMode="numeric"
                min={1}
                max={200}
                defaultValue={criteria.age_range_end ?? ''}
              />
            )}
          </Field>
          <Field name="radius_km" label={words.radius} hint={words.radiusHint}>
            {(attributes) => (
              <input
                {...attributes}
                type="number"
                inputMode="numeric"
                min={1}
                max={25}
                defaultValue={criteria.radius_km}
                required
              />
            )}
          </Field>
        </FieldRow>
        <FieldRow>
          <Field name="with_children" label={words.withChildren} hint={words.unknownHint}>
            {(attributes) => (
              <input {...attributes} type="checkbox" defaultChecked={criteria.with_children} />
            )}
          </Field>
          <Field name="vaccinated" label={words.vaccinated}>
            {(attributes) => <input {...attributes} type="checkbox" defaultChecked={criteria.vaccinated} />}
          </Field>
        </FieldRow>
      </Form>
    </Section>
  );
}
