import { expect, test } from 'vitest';
import type { Appointment } from '../api/generated';
import { agreed, appointment } from './appointment.test-support';
import { remarks } from './remarks';

const said = (of: Appointment) => remarks(of, 'UTC').map((remark) => remark.replace(/\s/g, ' '));
const wish = {
  starts: ['2030-02-02T12:00:00Z'],
  minutes: 60,
  following: false,
  expires_at: '2030-01-31T09:00:00Z',
};

test('who is invited hears until when to answer, and that a place is named later', () => {
  expect(said(appointment({ expires_at: '2030-01-31T09:00:00Z' }))).toEqual([
    'If they named a place, you see it once you accept.',
    'Please answer by Thu, Jan 31, 9:00 AM.',
  ]);
});

test('who is invited and named the place themselves is not told to wait for it', () => {
  expect(said(appointment({ place: 'Our garden' }))).toEqual([]);
});

test('who proposed hears how long the others have', () => {
  expect(said(appointment({ my_role: 'proposer', expires_at: '2030-01-31T09:00:00Z' }))).toEqual([
    'Waiting for their answer.',
    'They have until Thu, Jan 31, 9:00 AM.',
  ]);
});

test.each([
  ['invited', 'You did not answer in time.'],
  ['proposer', 'They did not answer in time.'],
] as const)('of what lapsed the %s hears whose silence it was', (my_role, remark) => {
  expect(said(appointment({ status: 'Expired', my_role }))).toEqual([remark]);
});

test('what repeats says how often, and once it is agreed which of them it is', () => {
  const repeat = { series_id: 's', number: 2, weeks: 6 };

  expect(said(appointment({ repeat }))).toContain('Every week, 6 times.');
  expect(said(agreed({ repeat }))).toEqual(['Every week: 2 of 6.']);
});

test('a wish to move all that follow says so, and until when it stands', () => {
  expect(said(agreed({ move: { ...wish, following: true } }))).toEqual([
    'It is about all that follow, too.',
    'Please answer by Thu, Jan 31, 9:00 AM.',
  ]);
});

test('who is there is told while it matters, and who was not afterwards', () => {
  expect(said(agreed({ i_checked_in: true, other_checked_in: true }))).toEqual([
    'You have said that you are there.',
    'They are there.',
  ]);
  expect(said(agreed({ status: 'Completed', i_checked_in: true, missed_by: 'other' }))).toEqual([
    'They did not say that they were there.',
  ]);
});

test('what the others would like is told once both have answered', () => {
  const over = agreed({ status: 'Completed', my_feedback: { again: true, note: null } });

  expect(said(over)).toEqual([
    'You would like to meet again.',
    'You see their answer as soon as they have given it.',
  ]);
  expect(said({ ...over, other_feedback: { again: false, note: 'Too wild for us' } })).toEqual([
    'You would like to meet again.',
    'They would rather not meet again.',
    'They say: Too wild for us',
  ]);
});

test('who is invited hears that they would meet in public, though not yet where', () => {
  expect(said(appointment({ place_is_public: true }))).toEqual([
    'You would meet in a public place. Which one you see once you accept.',
  ]);
});
