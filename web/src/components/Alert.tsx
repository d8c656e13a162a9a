import { Children, type ReactNode } from 'react';
import styles from './Alert.module.css';

/** What went wrong. Always on the page, so that a screen reader hears the words when they arrive. */
export function Alert({ children }: { children: ReactNode }) {
  return (
    <div role="alert" className={says(children) ? styles.problem : styles.silent}>
      {children}
    </div>
  );
}

/** What went well. */
export function Notice({ children }: { children: ReactNode }) {
  return (
    <div role="status" className={says(children) ? styles.notice : styles.silent}>
      {children}
    </div>
  );
}

/** Whether there is anything in it: conditions that do not hold leave `false` behind. */
const says = (children: ReactNode) => Children.toArray(children).length > 0;
