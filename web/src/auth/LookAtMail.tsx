import { useMutation } from '@tanstack/react-query';
import { resendVerification } from '../api/generated';
import { toProblem } from '../api/problem';
import { Alert, Notice } from '../components/Alert';
import { Button } from '../components/Button';
import { Page } from '../components/Page';
import { strings } from '../strings';
import { LocalMail } from './LocalMail';

const words = strings.auth.mail;

export function LookAtMail({ email }: { email: string }) {
  const resend = useMutation({ mutationFn: () => resendVerification({ body: { email } }) });
  return (
    <Page title={words.title}>
      <p>{words.text(email)}</p>
      <LocalMail email={email} />
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
