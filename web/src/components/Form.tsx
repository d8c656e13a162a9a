import { createContext, type ReactNode, useContext, useId } from 'react';
import type { FormProblem } from '../api/problem';
import { strings } from '../strings';
import { Alert } from './Alert';
import { Button } from './Button';
import styles from './Form.module.css';
import { useSubmit } from './useSubmit';

const ProblemContext = createContext<FormProblem | null>(null);

interface Props {
  send: (form: FormData, key: string) => Promise<void>;
  submit: string;
  children: ReactNode;
  /** Beside the submit button. */
  aside?: ReactNode;
}

export function Form({ send, submit, children, aside }: Props) {
  const { onSubmit, busy, problem } = useSubmit(send);
  return (
    <ProblemContext value={problem}>
      <form onSubmit={onSubmit} className={styles.form}>
        {children}
        <Alert>{problem?.alert}</Alert>
        <div className={styles.actions}>
          <Button type="submit" look="main" busy={busy}>
            {submit}
          </Button>
          {aside}
        </div>
      </form>
    </ProblemContext>
  );
}

/** What the server says of the field `name`. */
export const useFieldProblem = (name: string) => useContext(ProblemContext)?.fields[name];

interface FieldProps {
  name: string;
  label: string;
  hint?: string;
  optional?: boolean;
  children: (attributes: {
    id: string;
    name: string;
    'aria-describedby': string | undefined;
    'aria-invalid': boolean | undefined;
    className: string | undefined;
  }) => ReactNode;
}

/** A label, its control, a hint, and what is wrong with it. */
export function Field({ name, label, hint, optional = false, children }: FieldProps) {
  const problem = useFieldProblem(name);
  const id = useId();
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ');
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {label}
        {optional && <span className={styles.optional}> ({strings.optional})</span>}
      </label>
      {children({
        id,
        name,
        'aria-describedby': described || undefined,
        'aria-invalid': problem ? true : undefined,
        className: styles.control,
      })}
      {hint && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
      {problem && (
        <p id={`${id}-problem`} className={styles.problem}>
          {problem}
        </p>
      )}
    </div>
  );
}

interface ChoicesProps {
  name: string;
  legend: string;
  options: Readonly<Record<string, string>>;
  initial?: string;
  hint?: string;
}

/** One of a few, all of them in sight. */
export function Choices({ name, legend, options, initial, hint }: ChoicesProps) {
  const problem = useFieldProblem(name);
  const id = useId();
  return (
    <fieldset className={styles.field} aria-describedby={hint ? `${id}-hint` : undefined}>
      <legend className={styles.label}>{legend}</legend>
      <div className={styles.choices}>
        {Object.entries(options).map(([value, label]) => (
          <label key={value} className={styles.choice}>
            <input type="radio" name={name} value={value} defaultChecked={value === initial} required />
            <span>{label}</span>
          </label>
        ))}
      </div>
      {hint && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
      {problem && <p className={styles.problem}>{problem}</p>}
    </fieldset>
  );
}

/** Fields side by side where there is room. */
export function FieldRow({ children }: { children: ReactNode }) {
  return <div className={styles.row}>{children}</div>;
}

/** The options of a select. */
export function Options({ of }: { of: Readonly<Record<string, string>> }) {
  return Object.entries(of).map(([value, label]) => (
    <option key={value} value={value}>
      {label}
    </option>
  ));
}
