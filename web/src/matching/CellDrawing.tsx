import type { Bounds } from '../api/generated';
import { strings } from '../strings';
import styles from './CellDrawing.module.css';
import { sizeOf } from './cell';

const words = strings.location;
const ONE_DIGIT = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const DEGREES = new Intl.NumberFormat('en', { minimumFractionDigits: 3, maximumFractionDigits: 3 });

/** What Pawtime knows of the place, true to scale. No map behind it: its tiles would tell a third party. */
export function CellDrawing({ cell }: { cell: Bounds }) {
  const { width, height } = sizeOf(cell);
  const scale = Math.min(140 / width, 88 / height);
  const [w, h] = [width * scale, height * scale];
  const [x, y] = [(240 - w) / 2, 24 + (88 - h) / 2];
  const across = words.kilometres(ONE_DIGIT.format(width));
  const down = words.kilometres(ONE_DIGIT.format(height));
  return (
    <figure className={styles.figure}>
      <svg viewBox="0 0 240 128" className={styles.drawing} aria-hidden="true">
        <rect x={x} y={y} width={w} height={h} rx="4" className={styles.cell} />
        <text x="120" y={y - 7} textAnchor="middle">
          {across}
        </text>
        <text x={x + w + 6} y={y + h / 2 + 4}>
          {down}
        </text>
      </svg>
      <figcaption>
        <strong>{words.cell(across, down)}</strong>
        <br />
        {words.edges(
          DEGREES.format(cell.south),
          DEGREES.format(cell.north),
          DEGREES.format(cell.west),
          DEGREES.format(cell.east),
        )}
      </figcaption>
    </figure>
  );
}
