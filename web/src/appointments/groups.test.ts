import { expect, test } from 'vitest';
import type { Appointment } from '../api/generated';
import { groupOf } from './groups';

const now = Date.parse('2030-01-31T12:00:00Z');
const appointment = (changes: Partial<Appointment>): Appointment => ({
  appointment_id: 'a',
  kind: 'playdate',
  status: 'Proposed',
  my_role: 'invited',
  pet_id: 'p',
  other_pet_id: 'q',
  starts: ['2030-02-01T12:00:00Z'],
  start: null,
  minutes: 60,
  place: null,
  what: null,
  cancel_reason: null,
  can: [],
  created_at: '2030-01-01T00:00:00Z',
  updated_at: '2030-01-01T00:00:00Z',
  ...changes,
});

test.each([
  ['a proposal to me', { can: ['accept', 'decline'] }, 'answer'],
  ['a proposal of mine', { my_role: 'proposer', can: ['cancel'] }, 'upcoming'],
  [
    'a proposal that nobody answered in time',
    { starts: ['2030-01-30T12:00:00Z'], can: ['decline'] },
    'earlier',
  ],
  ['what was agreed', { status: 'Scheduled', can: ['cancel'] }, 'upcoming'],
  ['what is over', { status: 'Completed' }, 'earlier'],
  ['what was declined', { status: 'Declined' }, 'earlier'],
] satisfies [string, Partial<Appointment>, string][])('%s', (_what, changes, group) => {
  expect(groupOf(appointment(changes), now)).toBe(group);
});
