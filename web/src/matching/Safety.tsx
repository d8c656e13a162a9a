import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { blockUser, reportUser } from '../api/generated';
import { IdempotencyKeys } from '../api/idempotency';
import { toProblem } from '../api/problem';
import { myAgenda } from '../appointments/queries';
import { Alert, Notice } from '../components/Alert';
import { Button } from '../components/Button';
import { Actions } from '../components/Card';
import { Field, Form, Options } from '../components/Form';
import { choice, text } from '../components/formValues';
import { strings } from '../strings';
import { candidatesKey, myMatches } from './queries';
import styles from './Safety.module.css';

const words = strings.safety;

interface Props {
  /** The other owner, or a pet of theirs where that is all that one is shown. */
  whom: { user_id: string } | { pet_id: string };
  name: string;
  onBlocked: () => void;
}

/** What one hopes not to need, a press away: to block or to report a pet's people. */
export function Safety({ whom, name, onBlocked }: Props) {
  const [open, setOpen] = useState<'block' | 'report' | null>(null);
  const [reported, setReported] = useState(false);
  const close = () => setOpen(null);

  if (open === 'block') {
    return <Block whom={whom} name={name} onBlocked={onBlocked} onKeep={close} />;
  }
  if (open === 'report') {
    return (
      <Report
        whom={whom}
        name={name}
        onReported={() => {
          setReported(true);
          close();
        }}
        onKeep={close}
      />
    );
  }
  return (
    <>
      <details className={styles.menu}>
        <summary aria-label={words.moreAbout(name)}>{words.more}</summary>
        <Actions>
          <Button look="quiet" onClick={() => setOpen('block')}>
            {words.block}
          </Button>
          <Button look="quiet" onClick={() => setOpen('report')}>
            {words.report}
          </Button>
        </Actions>
      </details>
      <Notice>{reported && words.reported}</Notice>
    </>
  );
}

function Block({ whom, name, onBlocked, onKeep }: Props & { onKeep: () => void }) {
  const queries = useQueryClient();
  const [keys] = useState(() => new IdempotencyKeys());
  const block = useMutation({
    mutationFn: () => blockUser({ body: whom, headers: { 'Idempotency-Key': keys.keyFor(whom) } }),
    onSuccess: async () => {
      // Not fetched again now: the card says what has happened until the list is next opened.
      for (const queryKey of [candidatesKey, myMatches.queryKey, myAgenda.queryKey]) {
        await queries.invalidateQueries({ queryKey, refetchType: 'none' });
      }
      onBlocked();
    },
  });
  return (
    <fieldset className={styles.question}>
      <legend>{words.blockTitle(name)}</legend>
      <p>{words.blockText}</p>
      <Actions>
        <Button look="main" busy={block.isPending} onClick={() => block.mutate()}>
          {words.blockSubmit}
        </Button>
        <Button onClick={onKeep}>{words.keep}</Button>
      </Actions>
      <Alert>{block.isError && toProblem(block.error).message}</Alert>
    </fieldset>
  );
}

interface ReportProps {
  whom: Props['whom'];
  name: string;
  onReported: () => void;
  onKeep: () => void;
}

function Report({ whom, name, onReported, onKeep }: ReportProps) {
  async function send(form: FormData, key: string) {
    await reportUser({
      body: { ...whom, reason: choice(form, 'reason'), text: text(form, 'text') },
      headers: { 'Idempotency-Key': key },
    });
    onReported();
  }
  return (
    <fieldset className={styles.question}>
      <legend>{words.reportTitle(name)}</legend>
      <p>{words.reportText}</p>
      <Form send={send} submit={words.reportSubmit} aside={<Button onClick={onKeep}>{words.keep}</Button>}>
        <Field name="reason" label={words.reason}>
          {(attributes) => (
            <select {...attributes}>
              <Options of={words.reasons} />
            </select>
          )}
        </Field>
        <Field name="text" label={words.text} optional>
          {(attributes) => <textarea {...attributes} rows={3} maxLength={2000} />}
        </Field>
      </Form>
    </fieldset>
  );
}
