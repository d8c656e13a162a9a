import type { ButtonHTMLAttributes } from 'react';
import { Link, type LinkProps } from 'react-router';
import styles from './Button.module.css';

type Look = 'main' | 'plain' | 'quiet';

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  /** While true the press is under way: it cannot be pressed again, yet keeps the focus. */
  busy?: boolean;
}

export function Button({ look = 'plain', busy = false, type = 'button', onClick, ...rest }: Props) {
  return (
    <button
      {...rest}
      type={type}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={`${styles.button} ${styles[look]}`}
    />
  );
}

/** A link that is the next step, and looks like it. */
export function ButtonLink({ look = 'plain', ...rest }: LinkProps & { look?: Look }) {
  return <Link {...rest} className={`${styles.button} ${styles[look]}`} />;
}
