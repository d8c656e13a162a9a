import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import {
  type Appointment,
  acceptAppointment,
  cancelAppointment,
  checkInToAppointment,
  completeAppointment,
  declineAppointment,
  giveFeedback,
  rescheduleAppointment,
} from '../api/generated';
import { Button } from '../components/Button';
import { Actions } from '../components/Card';
import { Choices, Field, Form } from '../components/Form';
import { choice, text } from '../components/formValues';
import { viewerZone } from '../components/zones';
import { strings } from '../strings';
import { ActionButton } from './ActionButton';
import { myAgenda } from './queries';
import { formatStart } from './times';
import { WhenFields, whenOf } from './WhenFields';

const words = strings.agenda;

/** What the viewer may do now, as the answer's `can` says: the rules stay on the server. */
export function Transitions({ appointment }: { appointment: Appointment }) {
  const { can, status } = appointment;
  const [asking, setAsking] = useState<'cancel' | 'reschedule' | 'feedback' | null>(null);
  const { accept, decline, cancel, reschedule, checkIn, complete, feedback } = useSteps(appointment, () =>
    setAsking(null),
  );
  const keep = <Button onClick={() => setAsking(null)}>{words.keep}</Button>;
  const offered = startsOnOffer(appointment);

  // Somebody else may have been quicker than who is still typing.
  if (asking === 'cancel' && can.includes('cancel')) {
    return (
      <Form send={cancel} submit={words.cancelSubmit} aside={keep}>
        <Field name="reason" label={words.cancelReason} hint={words.cancelReasonHint}>
          {(attributes) => <textarea {...attributes} rows={2} maxLength={500} required />}
        </Field>
        <WhichOfThem appointment={appointment} />
      </Form>
    );
  }
  if (asking === 'reschedule' && can.includes('reschedule')) {
    return (
      <Form send={reschedule} submit={words.rescheduleSubmit(appointment.kind, status)} aside={keep}>
        <WhenFields start={appointment.start ?? appointment.starts[0]} minutes={appointment.minutes} />
        <WhichOfThem appointment={appointment} />
      </Form>
    );
  }
  if (asking === 'feedback' && can.includes('feedback')) {
    return (
      <Form
        send={feedback}
        submit={words.feedbackSubmit}
        aside={<Button onClick={() => setAsking(null)}>{words.notNow}</Button>}
      >
        <Choices name="again" legend={words.again} options={words.againChoices} hint={words.againHint} />
        <Field name="note" label={words.note} hint={words.noteHint} optional>
          {(attributes) => <textarea {...attributes} rows={2} maxLength={500} />}
        </Field>
      </Form>
    );
  }
  if (can.length === 0) {
    return null;
  }
  const several = can.includes('accept') && Object.keys(offered).length > 1;
  return (
    <>
      {several && (
        <Form send={(form, key) => accept(key, text(form, 'start'))} submit={words.accept}>
          <Choices name="start" legend={words.whichStart} options={offered} />
        </Form>
      )}
      <Actions>
        {can.includes('accept') && !several && (
          <ActionButton look="main" send={accept}>
            {words.accept}
          </ActionButton>
        )}
        {can.includes('check-in') && !appointment.i_checked_in && (
          <ActionButton look="main" send={checkIn}>
            {words.checkIn}
          </ActionButton>
        )}
        {can.includes('complete') && <ActionButton send={complete}>{words.complete}</ActionButton>}
        {can.includes('feedback') && (
          <Button look="main" onClick={() => setAsking('feedback')}>
            {words.again}
          </Button>
        )}
        {can.includes('decline') && (
          <ActionButton send={decline}>{words.declines[status] ?? words.decline}</ActionButton>
        )}
        {can.includes('reschedule') && (
          <Button onClick={() => setAsking('reschedule')}>{words.otherTime}</Button>
        )}
        {can.includes('cancel') && status === 'Proposed' && (
          <ActionButton send={(key) => cancel(new FormData(), key)}>{words.withdraw}</ActionButton>
        )}
        {can.includes('cancel') && status !== 'Proposed' && (
          <Button onClick={() => setAsking('cancel')}>{words.cancel}</Button>
        )}
      </Actions>
    </>
  );
}

/** Of what repeats, whether one means this one alone. */
function WhichOfThem({ appointment }: { appointment: Appointment }) {
  if (!appointment.repeat || appointment.status === 'Proposed') {
    return null;
  }
  return <Choices name="which" legend={words.whichOfThem} options={words.whichChoices} initial="one" />;
}

const allThatFollow = (form: FormData) => choice<'one' | 'following'>(form, 'which') === 'following';

/** The requests, by the steps of the contract. `onDone` is called after each. */
function useSteps({ appointment_id }: Appointment, onDone: () => void) {
  const queries = useQueryClient();
  const request = (key: string) => ({ path: { appointment_id }, headers: { 'Idempotency-Key': key } });
  // Whatever the server said, somebody else may have been quicker: show how things are now.
  const done = async () => {
    await queries.invalidateQueries({ queryKey: myAgenda.queryKey });
    onDone();
  };
  return {
    accept: async (key: string, start?: string) => {
      await acceptAppointment({ ...request(key), body: { start } });
      await done();
    },
    decline: async (key: string) => {
      await declineAppointment(request(key));
      await done();
    },
    cancel: async (form: FormData, key: string) => {
      const body = { reason: text(form, 'reason'), following: allThatFollow(form) };
      await cancelAppointment({ ...request(key), body });
      await done();
    },
    reschedule: async (form: FormData, key: string) => {
      const body = { ...whenOf(form), following: allThatFollow(form) };
      await rescheduleAppointment({ ...request(key), body });
      await done();
    },
    checkIn: async (key: string) => {
      await checkInToAppointment(request(key));
      await done();
    },
    complete: async (key: string) => {
      await completeAppointment(request(key));
      await done();
    },
    feedback: async (form: FormData, key: string) => {
      const again = choice<'yes' | 'no'>(form, 'again') === 'yes';
      await giveFeedback({ ...request(key), body: { again, note: text(form, 'note') } });
      await done();
    },
  };
}

/** The times to choose from, in words: of the proposal, or of the wish to move what was agreed. */
function startsOnOffer({ move, starts, minutes }: Appointment): Record<string, string> {
  const offer = move ?? { starts, minutes };
  return Object.fromEntries(
    offer.starts.map((start) => [start, formatStart(start, offer.minutes, viewerZone())]),
  );
}
