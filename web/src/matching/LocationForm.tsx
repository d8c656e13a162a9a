import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Location, setLocation } from '../api/generated';
import { Alert, Notice } from '../components/Alert';
import { Button } from '../components/Button';
import { Choices, Form } from '../components/Form';
import { choice } from '../components/formValues';
import { Section } from '../components/Section';
import { strings } from '../strings';
import { CellDrawing } from './CellDrawing';
import styles from './LocationForm.module.css';
import { PlacePicker } from './PlacePicker';
import { candidatesKey, myLocation } from './queries';
import { type Origin, whereabouts } from './whereabouts';

const words = strings.location;

export function LocationForm({ location }: { location: Location | null }) {
  const queries = useQueryClient();
  const [origin, setOrigin] = useState<Origin | null>(null);
  const [typed, setTyped] = useState('');
  const [saved, setSaved] = useState(false);

  function say(next: Origin | null, text: string) {
    setOrigin(next);
    setTyped(text);
    setSaved(false);
  }

  async function send(form: FormData) {
    setSaved(false);
    const answer = await setLocation({
      body: whereabouts(origin, typed, choice(form, 'precision'), location),
    });
    queries.setQueryData(myLocation.queryKey, answer);
    await queries.invalidateQueries({ queryKey: candidatesKey });
    say(null, '');
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
        <PlacePicker
          typed={typed}
          onType={(text) => say(null, text)}
          onChoose={(place) => say({ kind: 'place', place }, place.label)}
        />
        <Position told={origin?.kind === 'position'} onTold={(position) => say(position, '')} />
        <Choices
          // A place's middle says nothing of a neighbourhood, so that an area is what fits it.
          key={origin?.kind}
          name="precision"
          legend={words.precision}
          options={words.precisions}
          initial={origin?.kind === 'place' ? 'area' : (location?.precision ?? 'neighbourhood')}
          hint={words.precisionHint}
        />
      </Form>
    </Section>
  );
}

/** The browser's position: asked for only on the press, with the reason beside the button. */
function Position({ told, onTold }: { told: boolean; onTold: (position: Origin) => void }) {
  const [asking, setAsking] = useState(false);
  const [failed, setFailed] = useState(false);

  function done({ coords }: GeolocationPosition) {
    setAsking(false);
    onTold({ kind: 'position', latitude: coords.latitude, longitude: coords.longitude });
  }

  function fail() {
    setAsking(false);
    setFailed(true);
  }

  function ask() {
    setAsking(true);
    setFailed(false);
    if (navigator.geolocation) {
      navigator.geolocation.getCurrentPosition(done, fail, { timeout: 15_000, maximumAge: 60_000 });
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
      <Notice>{told && words.mineTold}</Notice>
      <Alert>{failed && !told && words.mineFailed}</Alert>
    </>
  );
}
