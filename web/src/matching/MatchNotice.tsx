import type { Match } from '../api/generated';
import { ButtonLink } from '../components/Button';
import { strings } from '../strings';
import styles from './MatchNotice.module.css';

const words = strings.matches;

/** A like was mutual: the good news, and the next step. */
export function MatchNotice({ match }: { match: Match }) {
  const { my_pet: mine, other_pet: other } = match;
  return (
    <div role="status" className={styles.notice}>
      <p>{mine && other ? words.notice(mine.name, other.name) : words.gone}</p>
      <ButtonLink look="main" to={`/matches/${match.match_id}/propose`}>
        {words.propose}
      </ButtonLink>
    </div>
  );
}
