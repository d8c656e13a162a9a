import { useState } from 'react';
import { Link } from 'react-router';
import { resetPassword } from '../api/generated';
import { Alert, Notice } from '../components/Alert';
import { ButtonLink } from '../components/Button';
import { Field, Form } from '../components/Form';
import { untrimmed } from '../components/formValues';
import { Page } from '../components/Page';
import { strings } from '../strings';
import { useTokenOfLink } from './useTokenOfLink';
import { Welcome } from './Welcome';

const words = strings.auth.reset;

/** Where the link in the mail leads: the token lets one choose a new password. */
export function Reset() {
  const token = useTokenOfLink('/reset');
  const [done, setDone] = useState(false);

  async function send(form: FormData) {
    await resetPassword({ body: { token, new_password: untrimmed(form, 'new_password') } });
    setDone(true);
  }

  return (
    <Welcome>
      <Page title={words.title}>
        {done && (
          <>
            <Notice>{words.done}</Notice>
            <ButtonLink look="main" to="/sign-in">
              {strings.auth.verify.signIn}
            </ButtonLink>
          </>
        )}
        {!done && token !== '' && (
          <Form send={send} submit={words.submit}>
            <Field name="new_password" label={words.password} hint={strings.auth.signUp.passwordHint}>
              {(attributes) => (
                <input {...attributes} type="password" autoComplete="new-password" minLength={8} required />
              )}
            </Field>
          </Form>
        )}
        <Alert>{token === '' && strings.auth.verify.missing}</Alert>
        {!done && (
          <p>
            <Link to="/forgot">{words.again}</Link>
          </p>
        )}
      </Page>
    </Welcome>
  );
}
