import type { Appointment } from '../api/generated';

/** A proposal to me of one hour, or what `changes` make of it. */
export const appointment = (changes: Partial<Appointment> = {}): Appointment => ({
  appointment_id: 'a',
  kind: 'playdate',
  status: 'Proposed',
  my_role: 'invited',
  pet_id: 'p',
  other_pet_id: 'q',
  starts: ['2030-02-01T12:00:00Z'],
  start: null,
  minutes: 60,
  expires_at: null,
  move: null,
  repeat: null,
  place: null,
  place_is_public: false,
  what: null,
  cancel_reason: null,
  cancelled_late: false,
  i_checked_in: false,
  other_checked_in: false,
  missed_by: null,
  my_feedback: null,
  other_feedback: null,
  can: [],
  created_at: '2030-01-01T00:00:00Z',
  updated_at: '2030-01-01T00:00:00Z',
  ...changes,
});

/** One that was agreed on. */
export const agreed = (changes: Partial<Appointment> = {}): Appointment =>
  appointment({
    status: 'Scheduled',
    start: '2030-02-01T12:00:00Z',
    can: ['reschedule', 'cancel'],
    ...changes,
  });
