import { useMutation } from '@tanstack/react-query';
import { resendVerification } from '../api/generated';
import { toProblem } from '../api/problem';
import { Alert, Notice } from '../components/Alert';
import { Button } from '../components/Button';
import { Page } from '../components/Page';
import { strings } from '../strings';

const words = strings.auth.mail;

/** A local stack shows the mails that it would have sent; nowhere else is there such a page. */
export const isLocal = (host: string) => host === 'localhost' || host === '127.0.0.1';

export function LookAtMail({ email }: { email: string }) {
  const resend = useMutation({ mutationFn: () => resendVerification({ body: { email } }) });
  return (
    <Page title={words.title}>
      <p>{words.text(email)}</p>
      {isLocal(window.location.hostname) && (
        <Notice>
          <p>{words.localText}</p>
          <a href={`/_local/mail?to=${encodeURIComponent(email)}`}>{words.local}</a>
        </Notice>
      )}
      <p>{words.nothing}</p>
      <div>
        <Button busy={resend.isPending} onClick={() => resend.mutate()}>
          {words.resend}
        </Button>
      </div>
      <Notice>{resend.isSuccess && words.resent}</Notice>
      <Alert>{resend.isError && toProblem(resend.error).message}</Alert>
    </Page>
  );
}
