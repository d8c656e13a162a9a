import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Appointment, acceptAppointment, cancelAppointment, declineAppointment } from '../api/generated';
import { Button } from '../components/Button';
import { Actions, Card } from '../components/Card';
import { Choices, Field, Form } from '../components/Form';
import { text } from '../components/formValues';
import { viewerZone } from '../components/zones';
import { strings } from '../strings';
import { ActionButton } from './ActionButton';
import styles from './AppointmentCard.module.css';
import { myAgenda } from './queries';
import { formatStart } from './times';

const words = strings.agenda;

interface Props {
  appointment: Appointment;
  names: Map<string, string>;
}

export function AppointmentCard({ appointment, names }: Props) {
  const { status, minutes, starts, start, place } = appointment;
  const zone = viewerZone();
  const mine = names.get(appointment.pet_id) ?? words.myPet;
  const other = names.get(appointment.other_pet_id ?? '') ?? words.otherPet;
  const title =
    appointment.kind === 'playdate' ? words.playdate(mine, other) : words.care(mine, appointment.what ?? '');
  const invited = status === 'Proposed' && appointment.my_role === 'invited';
  return (
    <Card>
      <div className={styles.head}>
        <h3>{title}</h3>
        <span className={`${styles.status} ${styles[status]}`}>{words.statuses[status]}</span>
      </div>
      <ul className={styles.times}>
        {(start ? [start] : starts).map((each) => (
          <li key={each}>
            <time dateTime={each}>{formatStart(each, minutes, zone)}</time>
          </li>
        ))}
      </ul>
      {place && <p>{words.place(place)}</p>}
      {invited && <p className={styles.soft}>{words.placeLater}</p>}
      {status === 'Proposed' && !invited && <p className={styles.soft}>{words.waiting}</p>}
      {appointment.cancel_reason && <p>{words.reason(appointment.cancel_reason)}</p>}
      <Transitions appointment={appointment} />
    </Card>
  );
}

/** What the viewer may do now, as the answer's `can` says: the rules stay on the server. */
function Transitions({ appointment }: { appointment: Appointment }) {
  const { appointment_id, can, status, starts } = appointment;
  const queries = useQueryClient();
  const [cancelling, setCancelling] = useState(false);
  const path = { appointment_id };

  // Whatever the server said, somebody else may have been quicker: show how things are now.
  const renew = () => queries.invalidateQueries({ queryKey: myAgenda.queryKey });

  const accept = async (key: string, chosen?: string) => {
    await acceptAppointment({ path, body: { start: chosen }, headers: { 'Idempotency-Key': key } });
    await renew();
  };
  const decline = async (key: string) => {
    await declineAppointment({ path, headers: { 'Idempotency-Key': key } });
    await renew();
  };
  const cancel = async (key: string, reason?: string) => {
    await cancelAppointment({ path, body: { reason }, headers: { 'Idempotency-Key': key } });
    await renew();
  };

  if (cancelling) {
    return (
      <Form
        send={(form, key) => cancel(key, text(form, 'reason'))}
        submit={words.cancelSubmit}
        aside={<Button onClick={() => setCancelling(false)}>{words.keep}</Button>}
      >
        <Field name="reason" label={words.cancelReason} hint={words.cancelReasonHint}>
          {(attributes) => <textarea {...attributes} rows={2} maxLength={500} required />}
        </Field>
      </Form>
    );
  }
  if (can.includes('accept') && starts.length > 1) {
    return (
      <Form
        send={(form, key) => accept(key, text(form, 'start'))}
        submit={words.accept}
        aside={<ActionButton send={decline}>{words.decline}</ActionButton>}
      >
        <Choices name="start" legend={words.whichStart} options={offered(appointment)} />
      </Form>
    );
  }
  if (can.length === 0) {
    return null;
  }
  return (
    <Actions>
      {can.includes('accept') && (
        <ActionButton look="main" send={accept}>
          {words.accept}
        </ActionButton>
      )}
      {can.includes('decline') && <ActionButton send={decline}>{words.decline}</ActionButton>}
      {can.includes('cancel') && status === 'Proposed' && (
        <ActionButton send={cancel}>{words.withdraw}</ActionButton>
      )}
      {can.includes('cancel') && status !== 'Proposed' && (
        <Button onClick={() => setCancelling(true)}>{words.cancel}</Button>
      )}
    </Actions>
  );
}

function offered({ starts, minutes }: Appointment): Record<string, string> {
  return Object.fromEntries(starts.map((start) => [start, formatStart(start, minutes, viewerZone())]));
}
