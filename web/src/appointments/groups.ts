import type { Appointment } from '../api/generated';

export type Group = 'answer' | 'upcoming' | 'earlier';

/** Where in the agenda an appointment stands: by what it asks of the viewer, then by time. */
export function groupOf({ status, can }: Appointment): Group {
  if (can.includes('accept')) {
    return 'answer';
  }
  return status === 'Proposed' || status === 'Scheduled' ? 'upcoming' : 'earlier';
}
