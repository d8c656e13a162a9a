import { describe, expect, test } from 'vitest';
import { formatStart, nextQuarter, roundToQuarter, toInstant, toLocal } from './times';

const iso = (local: string, zone: string) => new Date(toInstant(local, zone)).toISOString();

describe('from wall clock to instant', () => {
  test.each([
    ['2030-01-31T09:15', 'UTC', '2030-01-31T09:15:00.000Z'],
    ['2030-01-31T09:15', 'America/New_York', '2030-01-31T14:15:00.000Z'],
    ['2030-07-31T09:15', 'America/New_York', '2030-07-31T13:15:00.000Z'],
    ['2030-07-01T00:00', 'Asia/Kathmandu', '2030-06-30T18:15:00.000Z'],
    ['2030-07-01T23:45', 'Pacific/Kiritimati', '2030-07-01T09:45:00.000Z'],
  ])('%s in %s is %s', (local, zone, expected) => {
    expect(iso(local, zone)).toBe(expected);
    expect(toLocal(Date.parse(expected), zone)).toBe(local);
  });

  test('an hour that comes twice is the first of the two', () => {
    expect(iso('2030-10-27T02:30', 'Europe/Berlin')).toBe('2030-10-27T00:30:00.000Z');
  });

  test('an hour that is left out lies after the gap', () => {
    expect(iso('2030-03-31T02:30', 'Europe/Berlin')).toBe('2030-03-31T01:30:00.000Z');
    expect(toLocal(toInstant('2030-03-31T02:30', 'Europe/Berlin'), 'Europe/Berlin')).toBe('2030-03-31T03:30');
  });

  test('the hours beside a change of the clocks are right', () => {
    expect(iso('2030-03-31T01:45', 'Europe/Berlin')).toBe('2030-03-31T00:45:00.000Z');
    expect(iso('2030-03-31T03:00', 'Europe/Berlin')).toBe('2030-03-31T01:00:00.000Z');
    expect(iso('2030-10-27T03:00', 'Europe/Berlin')).toBe('2030-10-27T02:00:00.000Z');
  });

  test('what is no time is no instant', () => {
    expect(toInstant('', 'UTC')).toBeNaN();
  });
});

describe('quarter hours', () => {
  test.each([
    ['2030-01-31T09:00', '2030-01-31T09:00'],
    ['2030-01-31T09:07', '2030-01-31T09:00'],
    ['2030-01-31T09:08', '2030-01-31T09:15'],
    ['2030-12-31T23:55', '2031-01-01T00:00'],
    ['', ''],
  ])('%s is rounded to %s', (typed, rounded) => {
    expect(roundToQuarter(typed)).toBe(rounded);
  });

  test('the next one is always later', () => {
    expect(nextQuarter(Date.parse('2030-01-31T09:00:00Z'))).toBe(Date.parse('2030-01-31T09:15:00Z'));
    expect(nextQuarter(Date.parse('2030-01-31T09:14:59Z'))).toBe(Date.parse('2030-01-31T09:15:00Z'));
  });
});

test('an appointment is shown in the zone of the viewer, from when to when', () => {
  const shown = formatStart('2030-01-31T20:00:00Z', 60, 'America/New_York').replace(/\s/g, ' ');
  expect(shown).toMatch(/^Thu, Jan 31, 3:00 – 4:00 PM$/);
});
