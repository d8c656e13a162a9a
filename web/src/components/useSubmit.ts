import { type FormEvent, useRef, useState } from 'react';
import { IdempotencyKeys } from '../api/idempotency';
import { type FormProblem, placeInForm, toProblem } from '../api/problem';

interface Submit {
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  busy: boolean;
  problem: FormProblem | null;
}

/**
 * Sends a form. The fields stay as they are whatever happens, so nothing that was typed is lost; a problem is
 * placed at its fields and the first of them gets the focus. `key` stays the same while the content does.
 */
export function useSubmit(send: (form: FormData, key: string) => Promise<void>): Submit {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<FormProblem | null>(null);
  const [keys] = useState(() => new IdempotencyKeys());
  const underWay = useRef(false);

  async function submit(form: HTMLFormElement) {
    underWay.current = true;
    setBusy(true);
    setProblem(null);
    try {
      const data = new FormData(form);
      await send(data, keys.keyFor([...data]));
      keys.done();
    } catch (error) {
      const placed = placeInForm(toProblem(error), (name) => form.elements.namedItem(name) !== null);
      setProblem(placed);
      focusFirst(form, placed);
    } finally {
      underWay.current = false;
      setBusy(false);
    }
  }

  return {
    busy,
    problem,
    onSubmit: (event) => {
      event.preventDefault();
      if (!underWay.current) {
        void submit(event.currentTarget);
      }
    },
  };
}

function focusFirst(form: HTMLFormElement, problem: FormProblem): void {
  for (const element of form.elements) {
    const name = element.getAttribute('name');
    if (name !== null && name in problem.fields && element instanceof HTMLElement) {
      const details = element.closest('details');
      if (details) {
        details.open = true;
      }
      element.focus();
      return;
    }
  }
}
