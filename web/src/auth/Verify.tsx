import { useQuery } from '@tanstack/react-query';
import { verifyEmail } from '../api/generated';
import { Problem } from '../api/problem';
import { Alert, Notice } from '../components/Alert';
import { Button, ButtonLink } from '../components/Button';
import { Page } from '../components/Page';
import { strings } from '../strings';
import { useTokenOfLink } from './useTokenOfLink';
import { Welcome } from './Welcome';

const words = strings.auth.verify;

/** Where the link in the mail leads: the token proves the address. */
export function Verify() {
  const token = useTokenOfLink('/verify');
  // A query, though it changes something: it runs once however often React mounts the page.
  const verification = useQuery({
    queryKey: ['verify', token],
    queryFn: async () => {
      await verifyEmail({ body: { token } });
      return true;
    },
    enabled: token !== '',
    staleTime: Number.POSITIVE_INFINITY,
  });

  const used = verification.error instanceof Problem && verification.error.status !== 0;
  return (
    <Welcome>
      <Page title={words.title}>
        {verification.isLoading && <p role="status">{words.working}</p>}
        {verification.isSuccess && (
          <>
            <Notice>{words.done}</Notice>
            <ButtonLink look="main" to="/sign-in">
              {words.signIn}
            </ButtonLink>
          </>
        )}
        <Alert>
          {token === '' && words.missing}
          {verification.isError && (used ? words.failed : strings.problems.unreachable)}
        </Alert>
        {verification.isError && !used && (
          <div>
            <Button onClick={() => verification.refetch()}>{strings.tryAgain}</Button>
          </div>
        )}
        {(token === '' || used) && <ButtonLink to="/sign-in">{words.signIn}</ButtonLink>}
      </Page>
    </Welcome>
  );
}
