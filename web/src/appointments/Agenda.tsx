import { useInfiniteQuery } from '@tanstack/react-query';
import { useLocation } from 'react-router';
import type { Appointment } from '../api/generated';
import { toProblem } from '../api/problem';
import { Alert, Notice } from '../components/Alert';
import { Button, ButtonLink } from '../components/Button';
import { Actions, CardList } from '../components/Card';
import { Empty, Loaded } from '../components/Loaded';
import { Page } from '../components/Page';
import { viewerZone, zoneName } from '../components/zones';
import { strings } from '../strings';
import styles from './Agenda.module.css';
import { AppointmentCard } from './AppointmentCard';
import { type Group, groupOf } from './groups';
import { myAgenda, usePetNames } from './queries';

const words = strings.agenda;
const GROUPS: Group[] = ['answer', 'upcoming', 'earlier'];

export function Agenda() {
  const agenda = useInfiniteQuery(myAgenda);
  const names = usePetNames();
  const sent: boolean | undefined = useLocation().state?.sent;
  return (
    <Page title={words.title} intro={words.zone(zoneName(viewerZone()))}>
      <Notice>{sent && strings.propose.sent}</Notice>
      <Loaded query={agenda}>
        {({ pages }) => {
          const appointments = pages.flatMap((page) => page.items);
          if (appointments.length === 0) {
            return (
              <Empty
                action={
                  <ButtonLink look="main" to="/matches">
                    {words.emptyAction}
                  </ButtonLink>
                }
              >
                {words.empty}
              </Empty>
            );
          }
          return GROUPS.map((group) => (
            <AgendaGroup
              key={group}
              group={group}
              appointments={appointments.filter((each) => groupOf(each) === group)}
              names={names}
            />
          ));
        }}
      </Loaded>
      <Alert>{agenda.isFetchNextPageError && toProblem(agenda.error).message}</Alert>
      {agenda.hasNextPage && (
        <Actions>
          <Button busy={agenda.isFetchingNextPage} onClick={() => agenda.fetchNextPage()}>
            {words.more}
          </Button>
        </Actions>
      )}
    </Page>
  );
}

interface GroupProps {
  group: Group;
  appointments: Appointment[];
  names: Map<string, string>;
}

function AgendaGroup({ group, appointments, names }: GroupProps) {
  if (appointments.length === 0) {
    return null;
  }
  // What is past is looked for from today backwards.
  const ordered = group === 'earlier' ? appointments.toReversed() : appointments;
  return (
    <section aria-labelledby={`group-${group}`} className={styles.group}>
      <h2 id={`group-${group}`}>{words.groups[group]}</h2>
      <CardList>
        {ordered.map((appointment) => (
          <li key={appointment.appointment_id}>
            <AppointmentCard appointment={appointment} names={names} />
          </li>
        ))}
      </CardList>
    </section>
  );
}
