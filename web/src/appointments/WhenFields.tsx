import { useState } from 'react';
import { Field, FieldRow } from '../components/Form';
import { number, text } from '../components/formValues';
import { viewerZone, zoneName } from '../components/zones';
import { strings } from '../strings';
import { nextQuarter, roundToQuarter, toInstant, toLocal } from './times';

const words = strings.when;
const DAY = 24 * 60 * 60_000;
const MAX_DAYS_AHEAD = 180;
const LENGTHS = [15, 30, 45, 60, 90, 120, 150, 180, 240];

interface Props {
  /** What stands in the fields first: an instant, and how long. */
  start?: string;
  minutes?: number;
}

/** When, and how long. `whenOf` reads what was typed. */
export function WhenFields({ start, minutes = 60 }: Props) {
  const zone = viewerZone();
  // Fixed while the form is open: a bound that moves under what was typed would be confusing.
  const [soonest] = useState(() => nextQuarter(Date.now()));
  const first = start
    ? toLocal(Date.parse(start), zone)
    : `${toLocal(soonest + DAY, zone).slice(0, 10)}T10:00`;
  const lengths = [...new Set([...LENGTHS, minutes])].sort((one, other) => one - other);
  return (
    <FieldRow>
      <Field name="start" label={words.start} hint={words.startHint(zoneName(zone))}>
        {(attributes) => (
          <input
            {...attributes}
            type="datetime-local"
            step={900}
            min={toLocal(soonest, zone)}
            max={toLocal(soonest + (MAX_DAYS_AHEAD - 1) * DAY, zone)}
            defaultValue={first}
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
          <select {...attributes} defaultValue={minutes}>
            {lengths.map((length) => (
              <option key={length} value={length}>
                {words.duration(Math.floor(length / 60), length % 60)}
              </option>
            ))}
          </select>
        )}
      </Field>
    </FieldRow>
  );
}

export function whenOf(form: FormData): { start: string; minutes: number } {
  const start = toInstant(text(form, 'start') ?? '', viewerZone());
  return { start: new Date(start).toISOString(), minutes: number(form, 'minutes') ?? 60 };
}
