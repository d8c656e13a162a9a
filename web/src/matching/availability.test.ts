import { expect, test } from 'vitest';
import { asTyped, windowsIn } from './availability';

test('rows become windows; midnight at the end of a day is 24:00', () => {
  const form = new FormData();
  form.set('windows/0/weekday', 'monday');
  form.set('windows/0/start', '18:00');
  form.set('windows/0/end', '00:00');
  form.set('windows/1/weekday', 'sunday');
  form.set('windows/1/start', '00:00');
  form.set('windows/1/end', '09:30');
  expect(windowsIn(form)).toEqual([
    { weekday: 'monday', start: '18:00', end: '24:00' },
    { weekday: 'sunday', start: '00:00', end: '09:30' },
  ]);
  expect(asTyped('24:00')).toBe('00:00');
  expect(asTyped('09:30')).toBe('09:30');
});

test('no rows are no windows', () => {
  expect(windowsIn(new FormData())).toEqual([]);
});
