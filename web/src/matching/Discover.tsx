import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { NavLink, useSearchParams } from 'react-router';
import type { Candidate, Pet } from '../api/generated';
import { toProblem } from '../api/problem';
import { Alert } from '../components/Alert';
import { Button, ButtonLink } from '../components/Button';
import { Actions } from '../components/Card';
import { Empty, Loaded } from '../components/Loaded';
import { Page } from '../components/Page';
import { myPets } from '../pets/queries';
import { strings } from '../strings';
import { Beyond } from './Beyond';
import { CandidateList } from './CandidateList';
import styles from './Discover.module.css';
import { candidatesFor, myLocation } from './queries';
import { TellMe } from './TellMe';

const words = strings.discover;
const FEW = 5;

export function Discover() {
  const pets = useQuery(myPets);
  const location = useQuery(myLocation);
  const [search] = useSearchParams();
  return (
    <Page title={words.title}>
      <Loaded query={pets}>
        {(list) => {
          const chosen = list.find((pet) => pet.pet_id === search.get('pet')) ?? list[0];
          if (!chosen) {
            return (
              <Empty
                action={
                  <ButtonLink look="main" to="/pets/new">
                    {strings.pets.add}
                  </ButtonLink>
                }
              >
                {words.noPets}
              </Empty>
            );
          }
          return (
            <>
              {list.length > 1 && <ChoosePet pets={list} chosen={chosen} />}
              <Loaded query={location}>
                {(place) =>
                  place ? (
                    <Candidates key={chosen.pet_id} pet={chosen} />
                  ) : (
                    <Empty
                      action={
                        <ButtonLink look="main" to="/about-us">
                          {words.noLocationAction}
                        </ButtonLink>
                      }
                    >
                      {words.noLocation}
                    </Empty>
                  )
                }
              </Loaded>
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

function ChoosePet({ pets, chosen }: { pets: Pet[]; chosen: Pet }) {
  return (
    <nav aria-label={words.whichPet}>
      <ul className={styles.pets}>
        {pets.map((pet) => (
          <li key={pet.pet_id}>
            <NavLink
              to={`/discover?pet=${pet.pet_id}`}
              replace
              className={styles.pet}
              aria-current={pet === chosen ? 'true' : 'false'}
            >
              {pet.name}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Candidates({ pet }: { pet: Pet }) {
  const query = useInfiniteQuery(candidatesFor(pet.pet_id));
  return (
    <section aria-labelledby="company" className={styles.section}>
      <h2 id="company">{words.forPet(pet.name)}</h2>
      <Loaded query={query}>
        {({ pages }) => {
          const candidates = pages.flatMap((page) => page.items);
          const widened = pages[0]?.widened;
          if (candidates.length === 0 && !widened && !query.hasNextPage) {
            return (
              <>
                <Empty action={<ButtonLink to="/about-us">{words.emptyAction}</ButtonLink>}>
                  {words.empty}
                </Empty>
                <TellMe pet={pet} few />
              </>
            );
          }
          const [asAsked, beyond] = [true, false].map((fits) =>
            candidates.filter((candidate) => candidate.as_asked === fits),
          ) as [Candidate[], Candidate[]];
          return (
            <>
              {widened && <p className={styles.widened}>{words.fewAsAsked(asAsked.length)}</p>}
              <TellMe pet={pet} few={asAsked.length < FEW && !query.hasNextPage} />
              <CandidateList candidates={asAsked} myPet={pet} />
              {widened && <Beyond widened={widened} candidates={beyond} myPet={pet} />}
              <Alert>
                {query.isFetchNextPageError && (
                  <>
                    <p>{toProblem(query.error).message}</p>
                    <Button onClick={() => query.refetch()}>{words.again}</Button>
                  </>
                )}
              </Alert>
              {query.hasNextPage && (
                <Actions>
                  <Button busy={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
                    {words.more}
                  </Button>
                </Actions>
              )}
            </>
          );
        }}
      </Loaded>
    </section>
  );
}
