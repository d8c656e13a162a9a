import { useState } from 'react';
import { logOut } from '../api/generated';
import { Problem } from '../api/problem';
import { Button } from '../components/Button';
import { strings } from '../strings';
import { signedOut } from './session';

export function SignOut() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function leave() {
    setBusy(true);
    setProblem(null);
    try {
      await logOut();
    } catch (error) {
      // Where the session has ended already, this is what was wanted. Otherwise the cookie is still good, and
      // to show somebody the way out without having closed the door would be a lie.
      if (!(error instanceof Problem && error.status === 401)) {
        setBusy(false);
        setProblem(strings.nav.stillSignedIn);
        return;
      }
    }
    signedOut();
  }

  return (
    <div>
      <Button look="quiet" busy={busy} onClick={leave}>
        {strings.nav.signOut}
      </Button>
      <span role="alert">{problem}</span>
    </div>
  );
}
