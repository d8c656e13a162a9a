import { useQuery } from '@tanstack/react-query';
import { useLocation } from 'react-router';
import { Notice } from '../components/Alert';
import { ButtonLink } from '../components/Button';
import { Actions, Card, CardList } from '../components/Card';
import { Empty, Loaded } from '../components/Loaded';
import { Page } from '../components/Page';
import { strings } from '../strings';
import { PetHead } from './PetHead';
import { myPets } from './queries';

const words = strings.pets;

export function MyPets() {
  const pets = useQuery(myPets);
  const added: string | undefined = useLocation().state?.added;
  const add = (
    <ButtonLink look={pets.data?.length ? 'plain' : 'main'} to="/pets/new">
      {words.add}
    </ButtonLink>
  );
  return (
    <Page title={words.title} action={pets.data?.length ? add : undefined}>
      <Notice>
        {added && pets.data?.length !== 1 && words.added(added)}
        {added && pets.data?.length === 1 && (
          <>
            <p>{words.addedFirst(added)}</p>
            <ButtonLink to="/about-us">{strings.nav.aboutUs}</ButtonLink>
          </>
        )}
      </Notice>
      <Loaded query={pets}>
        {(list) =>
          list.length === 0 ? (
            <Empty action={add}>{words.empty}</Empty>
          ) : (
            <CardList>
              {list.map((pet) => (
                <li key={pet.pet_id}>
                  <Card>
                    <PetHead pet={pet} />
                    <Actions>
                      <ButtonLink to={`/discover?pet=${pet.pet_id}`}>{words.discover(pet.name)}</ButtonLink>
                    </Actions>
                  </Card>
                </li>
              ))}
            </CardList>
          )
        }
      </Loaded>
    </Page>
  );
}
