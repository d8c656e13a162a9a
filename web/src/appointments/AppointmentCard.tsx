import type { Appointment } from '../api/generated';
import { Card } from '../components/Card';
import { viewerZone } from '../components/zones';
import { strings } from '../strings';
import styles from './AppointmentCard.module.css';
import { remarks } from './remarks';
import { Transitions } from './Transitions';
import { formatStart } from './times';

const words = strings.agenda;

interface Props {
  appointment: Appointment;
  names: Map<string, string>;
}

export function AppointmentCard({ appointment, names }: Props) {
  const { status, minutes, starts, start, place, move } = appointment;
  const mine = names.get(appointment.pet_id) ?? words.myPet;
  const other = names.get(appointment.other_pet_id ?? '') ?? words.otherPet;
  const title =
    appointment.kind === 'playdate' ? words.playdate(mine, other) : words.care(mine, appointment.what ?? '');
  return (
    <Card>
      <div className={styles.head}>
        <h3>{title}</h3>
        <span className={`${styles.status} ${styles[status]}`}>{words.statuses[status]}</span>
      </div>
      <Times starts={start ? [start] : starts} minutes={minutes} />
      {place && <p>{words.place(place)}</p>}
      {appointment.cancel_reason && <p>{words.reason(appointment.cancel_reason)}</p>}
      {remarks(appointment, viewerZone()).map((remark) => (
        <p key={remark} className={styles.soft}>
          {remark}
        </p>
      ))}
      {move && (
        <>
          <p>{words.wishes[appointment.my_role === 'proposer' ? 'mine' : 'theirs']}</p>
          <Times starts={move.starts} minutes={move.minutes} />
          <p className={styles.soft}>{words.standsUntil}</p>
        </>
      )}
      <Transitions appointment={appointment} />
    </Card>
  );
}

function Times({ starts, minutes }: { starts: string[]; minutes: number }) {
  return (
    <ul className={styles.times}>
      {starts.map((each) => (
        <li key={each}>
          <time dateTime={each}>{formatStart(each, minutes, viewerZone())}</time>
        </li>
      ))}
    </ul>
  );
}
