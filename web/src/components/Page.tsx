import { type ReactNode, useEffect, useRef } from 'react';
import { strings } from '../strings';
import styles from './Page.module.css';

interface Props {
  title: string;
  intro?: string;
  action?: ReactNode;
  children: ReactNode;
}

/** A page: its title in the tab, and the focus on its heading, so that a change of page is noticed by ear too. */
export function Page({ title, intro, action, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${strings.name}`;
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {action}
      </header>
      {intro && <p className={styles.intro}>{intro}</p>}
      {children}
    </div>
  );
}
