import type { Appointment } from '../api/generated';
import { strings } from '../strings';
import { formatMoment } from './times';

const words = strings.agenda;

/** What is to be known of an appointment besides what, when and where; in the order in which one would ask. */
export function remarks(appointment: Appointment, zone: string): string[] {
  const { status, my_role, place, repeat, move, expires_at, missed_by, my_feedback, other_feedback } =
    appointment;
  const invited = my_role === 'invited';
  const proposed = status === 'Proposed';
  const later = appointment.place_is_public ? words.publicPlaceLater : words.placeLater;
  const answerBy = move?.expires_at ?? expires_at;
  return [
    repeat && (proposed ? words.weekly(repeat.weeks) : words.weeklyOne(repeat.number, repeat.weeks)),
    proposed && (invited ? !place && later : words.waiting),
    move?.following && words.moveFollowing,
    answerBy && (invited ? words.answerBy : words.lapsesAt)(formatMoment(answerBy, zone)),
    status === 'Expired' && (invited ? words.youDidNotAnswer : words.theyDidNotAnswer),
    appointment.cancelled_late && words.cancelledLate,
    status === 'Scheduled' && appointment.i_checked_in && words.iAmThere,
    status === 'Scheduled' && appointment.other_checked_in && words.theyAreThere,
    missed_by && words.missed[missed_by],
    my_feedback && words.iSaid[my_feedback.again ? 'yes' : 'no'],
    my_feedback && !other_feedback && words.blind,
    other_feedback && words.theySaid[other_feedback.again ? 'yes' : 'no'],
    other_feedback?.note && words.theirNote(other_feedback.note),
  ].filter((remark): remark is string => typeof remark === 'string');
}
