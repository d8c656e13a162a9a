import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { ButtonLink } from '../components/Button';
import { Actions } from '../components/Card';
import { Loaded } from '../components/Loaded';
import { Page } from '../components/Page';
import { viewerZone, zoneName } from '../components/zones';
import { strings } from '../strings';
import { AppointmentCard } from './AppointmentCard';
import { oneAppointment, usePetNames } from './queries';

const words = strings.agenda;

/** Where mails lead to. */
export function OneAppointment() {
  const { appointmentId = '' } = useParams();
  const appointment = useQuery(oneAppointment(appointmentId));
  const names = usePetNames();
  return (
    <Page title={words.oneTitle} intro={words.zone(zoneName(viewerZone()))}>
      <Loaded query={appointment}>{(found) => <AppointmentCard appointment={found} names={names} />}</Loaded>
      <Actions>
        <ButtonLink to="/agenda">{words.all}</ButtonLink>
      </Actions>
    </Page>
  );
}
