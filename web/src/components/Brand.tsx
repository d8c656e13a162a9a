import { strings } from '../strings';
import styles from './Brand.module.css';

export function Brand() {
  return (
    <span className={styles.brand}>
      <svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" className={styles.mark}>
        <rect width="32" height="32" rx="9" className={styles.ground} />
        <ellipse cx="8.6" cy="15.2" rx="2.5" ry="3.2" />
        <ellipse cx="13.1" cy="9.9" rx="2.6" ry="3.5" />
        <ellipse cx="18.9" cy="9.9" rx="2.6" ry="3.5" />
        <ellipse cx="23.4" cy="15.2" rx="2.5" ry="3.2" />
        <path d="M16 15c-3.4 0-6.9 3.6-6.9 6.7 0 2 1.5 3 3.2 3 1.4 0 2.4-.7 3.7-.7s2.3.7 3.7.7c1.7 0 3.2-1 3.2-3C22.9 18.6 19.4 15 16 15z" />
      </svg>
      {strings.name}
    </span>
  );
}
