import { expect, test } from 'vitest';
import type { Appointment } from '../api/generated';
import { appointment } from './appointment.test-support';
import { groupOf } from './groups';

test.each([
  ['a proposal to me', { can: ['accept', 'decline', 'reschedule'] }, 'answer'],
  ['a proposal of mine', { my_role: 'proposer', can: ['reschedule', 'cancel'] }, 'upcoming'],
  ['a proposal that nobody answered in time', { status: 'Expired' }, 'earlier'],
  ['what was agreed', { status: 'Scheduled', can: ['reschedule', 'cancel'] }, 'upcoming'],
  ['a wish of theirs to move it', { status: 'Scheduled', can: ['accept', 'decline'] }, 'answer'],
  ['a wish of mine to move it', { status: 'Scheduled', can: ['decline', 'cancel'] }, 'upcoming'],
  ['what is over', { status: 'Completed', can: ['feedback'] }, 'earlier'],
  ['what was declined', { status: 'Declined' }, 'earlier'],
] satisfies [string, Partial<Appointment>, string][])('%s', (_what, changes, group) => {
  expect(groupOf(appointment(changes))).toBe(group);
});
