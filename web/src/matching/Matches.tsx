import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Match } from '../api/generated';
import { Notice } from '../components/Alert';
import { ButtonLink } from '../components/Button';
import { Actions, Card, CardList } from '../components/Card';
import { Empty, Loaded } from '../components/Loaded';
import { Page } from '../components/Page';
import { PetHead } from '../pets/PetHead';
import { strings } from '../strings';
import { myMatches } from './queries';
import { reliability } from './reliability';
import { Safety } from './Safety';

const words = strings.matches;

export function Matches() {
  const matches = useQuery(myMatches);
  return (
    <Page title={words.title} intro={words.intro}>
      <Loaded query={matches}>
        {(all) => {
          const active = all.filter((match) => match.status === 'Active');
          return active.length === 0 ? (
            <Empty
              action={
                <ButtonLink look="main" to="/discover">
                  {words.emptyAction}
                </ButtonLink>
              }
            >
              {words.empty}
            </Empty>
          ) : (
            <CardList>
              {active.map((match) => (
                <li key={match.match_id}>
                  <MatchCard match={match} />
                </li>
              ))}
            </CardList>
          );
        }}
      </Loaded>
    </Page>
  );
}

function MatchCard({ match }: { match: Match }) {
  const { my_pet: mine, other_pet: other } = match;
  const [blocked, setBlocked] = useState(false);
  if (blocked) {
    return (
      <Card>
        <Notice>{strings.safety.blocked(other?.name ?? words.thisPet)}</Notice>
      </Card>
    );
  }
  const safety = (
    <Safety
      whom={{ user_id: match.other_user_id }}
      name={other?.name ?? words.thisPet}
      onBlocked={() => setBlocked(true)}
    />
  );
  if (!other) {
    return (
      <Card>
        <p>{words.gone}</p>
        {safety}
      </Card>
    );
  }
  return (
    <Card>
      <PetHead pet={other} />
      {mine && <p>{words.likes(mine.name)}</p>}
      {reliability(match.other_reliability).map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <Actions>
        <ButtonLink
          look="main"
          to={`/matches/${match.match_id}/propose`}
          aria-label={words.proposeTo(other.name)}
        >
          {words.propose}
        </ButtonLink>
      </Actions>
      {safety}
    </Card>
  );
}
