import { useQuery } from '@tanstack/react-query';
import { ButtonLink } from '../components/Button';
import { Loaded } from '../components/Loaded';
import { Page } from '../components/Page';
import { strings } from '../strings';
import { AvailabilityForm } from './AvailabilityForm';
import { CriteriaForm } from './CriteriaForm';
import { LocationForm } from './LocationForm';
import { myAvailability, myCriteria, myLocation } from './queries';

const words = strings.aboutUs;

export function AboutUs() {
  const location = useQuery(myLocation);
  const availability = useQuery(myAvailability);
  const criteria = useQuery(myCriteria);
  return (
    <Page title={words.title} intro={words.intro}>
      <Loaded query={location}>{(found) => <LocationForm location={found} />}</Loaded>
      <Loaded query={availability}>{(found) => <AvailabilityForm availability={found} />}</Loaded>
      <Loaded query={criteria}>{(found) => <CriteriaForm criteria={found} />}</Loaded>
      <div>
        <ButtonLink to="/discover">{words.next}</ButtonLink>
      </div>
    </Page>
  );
}
