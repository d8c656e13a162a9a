import { useQueryClient } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import { type Availability, setAvailability, type Window } from '../api/generated';
import { Notice } from '../components/Alert';
import { Button } from '../components/Button';
import { Field, Form, Options } from '../components/Form';
import { text } from '../components/formValues';
import { CrossIcon } from '../components/icons';
import { Section } from '../components/Section';
import { viewerZone, zoneNames } from '../components/zones';
import { strings } from '../strings';
import styles from './AvailabilityForm.module.css';
import { asTyped, windowsIn } from './availability';
import { candidatesKey, myAvailability } from './queries';

const words = strings.availability;
const MAX_WINDOWS = 50;
const EVENING: Window = { weekday: 'saturday', start: '10:00', end: '12:00' };

interface Row {
  id: number;
  window: Window;
}

export function AvailabilityForm({ availability }: { availability: Availability }) {
  const queries = useQueryClient();
  const [saved, setSaved] = useState(false);
  const [rows, setRows] = useState<Row[]>(() => availability.windows.map((window, id) => ({ id, window })));
  const nextId = useRef(rows.length);
  const addId = useId();
  // An owner without times has no zone of their own yet, only the server's default.
  const zone = availability.windows.length > 0 ? availability.time_zone : viewerZone();

  function add() {
    setRows([...rows, { id: nextId.current++, window: rows.at(-1)?.window ?? EVENING }]);
  }

  function remove(id: number) {
    setRows(rows.filter((row) => row.id !== id));
    // The button that had the focus is gone; the next thing that one may want is close by.
    document.getElementById(addId)?.focus();
  }

  async function send(form: FormData) {
    setSaved(false);
    const answer = await setAvailability({
      body: {
        time_zone: text(form, 'time_zone') ?? zone,
        windows: windowsIn(form),
        // Saving replaces all of it, so the days away go along unchanged.
        away: availability.away,
      },
    });
    queries.setQueryData(myAvailability.queryKey, answer);
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
        {rows.length === 0 && <p>{words.none}</p>}
        <ol className={styles.rows}>
          {rows.map(({ id, window }, index) => (
            <li key={id} className={styles.row}>
              <Field name={`windows/${index}/weekday`} label={words.weekday}>
                {(attributes) => (
                  <select {...attributes} defaultValue={window.weekday}>
                    <Options of={words.weekdays} />
                  </select>
                )}
              </Field>
              <Field name={`windows/${index}/start`} label={words.start}>
                {(attributes) => (
                  <input {...attributes} type="time" defaultValue={window.start} step={900} required />
                )}
              </Field>
              <Field name={`windows/${index}/end`} label={words.end}>
                {(attributes) => (
                  <input {...attributes} type="time" defaultValue={asTyped(window.end)} step={900} required />
                )}
              </Field>
              <Button look="quiet" aria-label={words.remove(index + 1)} onClick={() => remove(id)}>
                <CrossIcon />
              </Button>
            </li>
          ))}
        </ol>
        <div>
          <Button id={addId} onClick={add} disabled={rows.length >= MAX_WINDOWS}>
            {words.add}
          </Button>
        </div>
        <Field name="time_zone" label={words.zone} hint={words.midnight}>
          {(attributes) => (
            <select {...attributes} defaultValue={zone}>
              {zoneNames(zone).map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
        </Field>
      </Form>
    </Section>
  );
}
