import type { ReactNode } from 'react';
import { Brand } from '../components/Brand';
import { strings } from '../strings';
import styles from './Welcome.module.css';

/** The frame of the pages for people who are not signed in. */
export function Welcome({ children }: { children: ReactNode }) {
  return (
    <main className={styles.welcome}>
      <div className={styles.brand}>
        <Brand />
        <p>{strings.auth.tagline}</p>
      </div>
      <div className={styles.panel}>{children}</div>
    </main>
  );
}
