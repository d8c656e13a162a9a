import type { Appointment } from '../api/generated';

export type Group = 'answer' | 'upcoming' | 'earlier';

/** Where in the agenda an appointment stands: by what it asks of the viewer, then by time. */
export function groupOf(appointment: Appointment, now: number): Group {
  const { status, can } = appointment;
  if (status === 'Proposed') {
    if (can.includes('accept')) {
      return 'answer';
    }
    const last = Math.max(...appointment.starts.map((start) => Date.parse(start)));
    return last > now ? 'upcoming' : 'earlier';
  }
  return status === 'Scheduled' ? 'upcoming' : 'earlier';
}
