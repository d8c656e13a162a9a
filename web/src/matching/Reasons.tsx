import { strings } from '../strings';
import styles from './Reasons.module.css';
import { sentences } from './reasons';

const words = strings.discover;

/** How well a candidate suits, and why: the score alone would be an oracle. */
export function Reasons({ score, reasons }: { score: number; reasons: string[] }) {
  const list = sentences(reasons);
  return (
    <div className={styles.box}>
      <p className={styles.score}>
        <span>{words.scoreLabel}</span> <strong>{words.score(score)}</strong>
      </p>
      {list.length > 0 && (
        <ul className={styles.reasons} aria-label={words.why}>
          {list.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
