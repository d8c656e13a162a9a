import { useEffect, useRef } from 'react';
import { strings } from '../strings';
import styles from './SessionEnded.module.css';
import { SignInForm } from './SignInForm';

const words = strings.auth.ended;

/** Asks to sign in again on top of the page, so that what was typed there is still there afterwards. */
export function SessionEnded() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-labelledby="session-ended"
      onCancel={(event) => event.preventDefault()}
    >
      <h2 id="session-ended">{words.title}</h2>
      <p>{words.text}</p>
      <SignInForm />
    </dialog>
  );
}
