import type { Location, NewLocation, Place, Precision } from '../api/generated';
import { Problem } from '../api/problem';
import { strings } from '../strings';

/** Where somebody has just said that they are: a place of the list, or what the browser told. */
export type Origin =
  | { kind: 'place'; place: Place }
  | { kind: 'position'; latitude: number; longitude: number };

/**
 * What to send. Who has said nothing new stays in the middle of the rectangle that is kept, as long as it need not
 * become smaller: which part of it they live in is not known.
 */
export function whereabouts(
  origin: Origin | null,
  typed: string,
  precision: Precision,
  kept: Location | null,
): NewLocation {
  if (origin?.kind === 'place') {
    return { place_id: origin.place.place_id, precision };
  }
  if (origin) {
    return { latitude: origin.latitude, longitude: origin.longitude, precision };
  }
  if (typed.trim() !== '') {
    throw needed(strings.location.chooseOne);
  }
  if (!kept) {
    throw needed(strings.location.sayWhere);
  }
  if (kept.precision === 'area' && precision === 'neighbourhood') {
    throw needed(strings.location.sayAgain);
  }
  const { south, north, west, east } = kept.cell;
  return { latitude: (south + north) / 2, longitude: (west + east) / 2, precision };
}

const needed = (sentence: string) =>
  new Problem(422, 'invalid', sentence, [{ pointer: '/place_id', type: 'needed', detail: sentence }]);
