import type { Reliability } from '../api/generated';
import { strings } from '../strings';

const words = strings.matches.reliability;

/** How it went with the other owner so far, as plain counts; what has not happened is not mentioned. */
export function reliability({ kept = 0, missed = 0, cancelled_late = 0 }: Reliability): string[] {
  return [
    kept > 0 && words.kept(kept),
    missed > 0 && words.missed(missed),
    cancelled_late > 0 && words.cancelledLate(cancelled_late),
  ].filter((sentence) => sentence !== false);
}
