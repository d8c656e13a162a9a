import type { ReactNode } from 'react';
import styles from './Card.module.css';

export function Card({ children, tone = 'plain' }: { children: ReactNode; tone?: 'plain' | 'accent' }) {
  return <div className={`${styles.card} ${tone === 'accent' ? styles.accent : ''}`}>{children}</div>;
}

/** Cards under each other on a phone, side by side where there is room. */
export function CardList({ children }: { children: ReactNode }) {
  return <ul className={styles.list}>{children}</ul>;
}

/** Buttons in a row that wraps. */
export function Actions({ children }: { children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>;
}
