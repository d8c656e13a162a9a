import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { Agenda } from './appointments/Agenda';
import { OneAppointment } from './appointments/OneAppointment';
import { Propose } from './appointments/Propose';
import { Forgot } from './auth/Forgot';
import { Reset } from './auth/Reset';
import { SessionEnded } from './auth/SessionEnded';
import { SignIn } from './auth/SignIn';
import { SignUp } from './auth/SignUp';
import { resumeSession, type Session, useSession } from './auth/session';
import { Verify } from './auth/Verify';
import { Welcome } from './auth/Welcome';
import { Alert } from './components/Alert';
import { Button, ButtonLink } from './components/Button';
import { Page } from './components/Page';
import { Shell } from './components/Shell';
import { AboutUs } from './matching/AboutUs';
import { Discover } from './matching/Discover';
import { Matches } from './matching/Matches';
import { AddPet } from './pets/AddPet';
import { MyPets } from './pets/MyPets';
import { strings } from './strings';

export function App() {
  const session = useSession();
  useForgetOthers(session);

  if (session.status === 'starting') {
    return (
      <Welcome>
        <p role="status">{strings.auth.starting}</p>
      </Welcome>
    );
  }
  if (session.status === 'unreachable') {
    return (
      <Welcome>
        <Alert>{strings.problems.unreachable}</Alert>
        <Button onClick={resumeSession}>{strings.tryAgain}</Button>
      </Welcome>
    );
  }
  if (session.status === 'out') {
    return (
      <Routes>
        <Route path="/sign-up" element={<SignUp />} />
        <Route path="/verify" element={<Verify />} />
        <Route path="/forgot" element={<Forgot />} />
        <Route path="/reset" element={<Reset />} />
        <Route path="*" element={<SignIn />} />
      </Routes>
    );
  }
  return (
    <>
      <Routes>
        <Route path="/verify" element={<Verify />} />
        <Route path="/forgot" element={<Forgot />} />
        <Route path="/reset" element={<Reset />} />
        <Route element={<Shell />}>
          <Route path="/discover" element={<Discover />} />
          <Route path="/matches" element={<Matches />} />
          <Route path="/matches/:matchId/propose" element={<Propose />} />
          <Route path="/agenda" element={<Agenda />} />
          <Route path="/agenda/:appointmentId" element={<OneAppointment />} />
          <Route path="/about-us" element={<AboutUs />} />
          <Route path="/pets" element={<MyPets />} />
          <Route path="/pets/new" element={<AddPet />} />
          {['/', '/sign-in', '/sign-up'].map((path) => (
            <Route key={path} path={path} element={<Navigate to="/discover" replace />} />
          ))}
          <Route path="*" element={<NotFound />} />
        </Route>
      </Routes>
      {session.status === 'ended' && <SessionEnded />}
    </>
  );
}

/** Whoever signs in must find nothing of the person before, neither what was fetched nor what was typed. */
function useForgetOthers(session: Session) {
  const queries = useQueryClient();
  const last = useRef<string | null>(null);
  useEffect(() => {
    if (session.status === 'out' && last.current !== null) {
      queries.clear();
      last.current = null;
    }
    if (session.status === 'in') {
      if (last.current !== null && last.current !== session.user.user_id) {
        window.location.assign('/');
      }
      last.current = session.user.user_id;
    }
  }, [session, queries]);
}

function NotFound() {
  return (
    <Page title={strings.notFound.title} intro={strings.notFound.text}>
      <div>
        <ButtonLink to="/">{strings.notFound.home}</ButtonLink>
      </div>
    </Page>
  );
}
