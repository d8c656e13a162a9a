import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { IdempotencyKeys } from '../api/idempotency';
import { toProblem } from '../api/problem';
import { Alert } from '../components/Alert';
import { Button } from '../components/Button';

interface Props {
  send: (key: string) => Promise<void>;
  look?: 'main' | 'plain';
  children: ReactNode;
}

/** A button that does one thing to one appointment, and says so when it did not work. */
export function ActionButton({ send, look, children }: Props) {
  const [keys] = useState(() => new IdempotencyKeys());
  const action = useMutation({
    mutationFn: () => send(keys.keyFor('')),
    onSuccess: () => keys.done(),
  });
  return (
    <>
      <Button look={look} busy={action.isPending} onClick={() => action.mutate()}>
        {children}
      </Button>
      <Alert>{action.isError && toProblem(action.error).message}</Alert>
    </>
  );
}
