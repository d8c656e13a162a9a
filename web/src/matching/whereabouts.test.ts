import { expect, test } from 'vitest';
import type { Location, Place } from '../api/generated';
import { Problem } from '../api/problem';
import { strings } from '../strings';
import { whereabouts } from './whereabouts';

const munich = { place_id: '2867714', label: 'Munich, Germany' } as Place;
const cell = { south: 40, north: 41, west: -74, east: -73 };
const kept = (precision: Location['precision']): Location => ({ precision, cell, located_at: '' });

function refusal(call: () => unknown): Problem {
  try {
    call();
  } catch (error) {
    if (error instanceof Problem) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was refused');
}

test('a chosen place is sent by its id, and a position as a point', () => {
  const place = whereabouts({ kind: 'place', place: munich }, munich.label, 'area', null);
  const point = whereabouts({ kind: 'position', latitude: 1, longitude: 2 }, '', 'neighbourhood', null);

  expect(place).toEqual({ place_id: '2867714', precision: 'area' });
  expect(point).toEqual({ latitude: 1, longitude: 2, precision: 'neighbourhood' });
});

test.each([
  ['neighbourhood', 'neighbourhood'],
  ['neighbourhood', 'area'],
  ['area', 'area'],
] as const)('who says nothing new stays where they are, from %s to %s', (before, after) => {
  const sent = whereabouts(null, ' ', after, kept(before));

  expect(sent).toEqual({ latitude: 40.5, longitude: -73.5, precision: after });
});

test('which neighbourhood of an area it is cannot be told by the area', () => {
  const refused = refusal(() => whereabouts(null, '', 'neighbourhood', kept('area')));

  expect(refused.message).toBe(strings.location.sayAgain);
  expect(refused.errors[0]?.pointer).toBe('/place_id');
});

test('what was typed and not chosen is no place, and neither is nothing at all', () => {
  const typed = refusal(() => whereabouts(null, 'Munich', 'area', kept('area')));
  const nothing = refusal(() => whereabouts(null, '', 'area', null));

  expect(typed.message).toBe(strings.location.chooseOne);
  expect(nothing.message).toBe(strings.location.sayWhere);
});
