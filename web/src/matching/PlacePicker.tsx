import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useId, useState } from 'react';
import type { Place } from '../api/generated';
import { Alert } from '../components/Alert';
import { Field } from '../components/Form';
import { strings } from '../strings';
import styles from './PlacePicker.module.css';
import { placesNamed } from './queries';

const words = strings.location;
const PAUSE_MS = 200;
const SHORTEST = 2;

interface Props {
  /** What is in the field. */
  typed: string;
  onType: (typed: string) => void;
  onChoose: (place: Place) => void;
}

/** A combobox of places, as the ARIA Authoring Practices describe one whose list completes nothing by itself. */
export function PlacePicker({ typed, onType, onChoose }: Props) {
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const wanted = usePaused(typed.trim());
  const { data, isError, isFetching } = useQuery({
    ...placesNamed(wanted),
    enabled: open && wanted.length >= SHORTEST,
  });
  const id = useId();
  const asked = open && typed.trim().length >= SHORTEST;
  const places = asked && wanted === typed.trim() ? (data ?? []) : [];
  const optionId = (number: number) => `${id}-${number}`;

  function type(text: string) {
    onType(text);
    setOpen(true);
    setActive(-1);
  }

  function choose(place: Place) {
    onChoose(place);
    setOpen(false);
    setActive(-1);
  }

  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const place = places[active];
    if (step && places.length > 0) {
      const start = step > 0 && active < 0 ? -1 : Math.max(active, 0);
      const next = (start + step + places.length) % places.length;
      setActive(next);
      document.getElementById(optionId(next))?.scrollIntoView?.({ block: 'nearest' });
    } else if (step) {
      setOpen(true);
    } else if (event.key === 'Enter' && place) {
      choose(place);
    } else if (event.key === 'Escape' && open) {
      setOpen(false);
      setActive(-1);
    } else {
      return;
    }
    event.preventDefault();
  }

  return (
    <div className={styles.picker}>
      <Field name="place_id" label={words.place} hint={words.placeHint}>
        {(attributes) => (
          <input
            {...attributes}
            type="text"
            role="combobox"
            autoComplete="off"
            maxLength={80}
            aria-autocomplete="list"
            aria-expanded={places.length > 0}
            aria-controls={`${id}-list`}
            aria-activedescendant={places[active] ? optionId(active) : undefined}
            value={typed}
            onChange={(event) => type(event.target.value)}
            onKeyDown={onKeyDown}
            onBlur={() => setOpen(false)}
          />
        )}
      </Field>
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={words.places}
        className={styles.list}
        hidden={places.length === 0}
      >
        {places.map((place, number) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, which keeps the focus
          <div
            key={place.place_id}
            id={optionId(number)}
            role="option"
            tabIndex={-1}
            aria-selected={number === active}
            className={styles.option}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(place)}
          >
            {place.label}
          </div>
        ))}
      </div>
      <p role="status" className={styles.status}>
        {asked && !isError && (data && wanted === typed.trim() ? words.found(data.length) : words.looking)}
      </p>
      <Alert>{asked && isError && !isFetching && words.cannotLook}</Alert>
      <p className={styles.source}>
        {words.source} <a href="https://www.geonames.org/">GeoNames</a>,{' '}
        <a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>
      </p>
    </div>
  );
}

/** The text, once nobody has changed it for a moment. */
function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
}
