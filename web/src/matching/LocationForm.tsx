import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { type Location, setLocation } from '../api/generated';
import { Alert, Notice } from '../components/Alert';
import { Button } from '../components/Button';
import { Choices, Field, FieldRow, Form } from '../components/Form';
import { choice, number } from '../components/formValues';
import { Section } from '../components/Section';
import { strings } from '../strings';
import { CellDrawing } from './CellDrawing';
import styles from './LocationForm.module.css';
import { candidatesKey, myLocation } from './queries';

const words = strings.location;

export function LocationForm({ location }: { location: Location | null }) {
  const queries = useQueryClient();
  const [saved, setSaved] = useState(false);

  async function send(form: FormData) {
    setSaved(false);
    const answer = await setLocation({
      body: {
        latitude: number(form, 'latitude') ?? Number.NaN,
        longitude: number(form, 'longitude') ?? Number.NaN,
        precision: choice(form, 'precision'),
      },
    });
    queries.setQueryData(myLocation.queryKey, answer);
    await queries.invalidateQueries({ queryKey: candidatesKey });
    setSaved(true);
  }

  return (
    <Section title={words.title} intro={words.why}>
      {location ? <CellDrawing cell={location.cell} /> : <p>{words.none}</p>}
      <Form
        send={send}
        submit={strings.aboutUs.save}
        aside={<Notice>{saved && strings.aboutUs.saved}</Notice>}
      >
        <Position />
        <Choices
          name="precision"
          legend={words.precision}
          options={words.precisions}
          initial={location?.precision ?? 'neighbourhood'}
          hint={words.precisionHint}
        />
      </Form>
    </Section>
  );
}

/** The two numbers, typed or asked of the browser: only on the press, with the reason beside the button. */
function Position() {
  const latitude = useRef<HTMLInputElement>(null);
  const longitude = useRef<HTMLInputElement>(null);
  const [asking, setAsking] = useState(false);
  const [outcome, setOutcome] = useState<'filled' | 'failed' | null>(null);

  function fill({ coords }: GeolocationPosition) {
    if (latitude.current && longitude.current) {
      latitude.current.value = coords.latitude.toFixed(5);
      longitude.current.value = coords.longitude.toFixed(5);
    }
    setAsking(false);
    setOutcome('filled');
  }

  function fail() {
    setAsking(false);
    setOutcome('failed');
  }

  function ask() {
    setAsking(true);
    setOutcome(null);
    if (navigator.geolocation) {
      navigator.geolocation.getCurrentPosition(fill, fail, { timeout: 15_000, maximumAge: 60_000 });
    } else {
      fail();
    }
  }

  return (
    <>
      <div>
        <Button busy={asking} onClick={ask} aria-describedby="position-why">
          {words.mine}
        </Button>
        <p id="position-why" className={styles.why}>
          {words.mineWhy}
        </p>
      </div>
      <Notice>{outcome === 'filled' && words.mineFilled}</Notice>
      <Alert>{outcome === 'failed' && words.mineFailed}</Alert>
      <FieldRow>
        <Field name="latitude" label={words.latitude} hint={words.latitudeHint}>
          {(attributes) => (
            <input {...attributes} ref={latitude} type="number" step="any" min={-90} max={90} required />
          )}
        </Field>
        <Field name="longitude" label={words.longitude} hint={words.longitudeHint}>
          {(attributes) => (
            <input {...attributes} ref={longitude} type="number" step="any" min={-180} max={180} required />
          )}
        </Field>
      </FieldRow>
    </>
  );
}
