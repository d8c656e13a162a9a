import { useState } from 'react';
import { Link } from 'react-router';
import { register } from '../api/generated';
import { Field, Form } from '../components/Form';
import { text, untrimmed } from '../components/formValues';
import { Page } from '../components/Page';
import { strings } from '../strings';
import { LookAtMail } from './LookAtMail';
import { Welcome } from './Welcome';

const words = strings.auth.signUp;

export function SignUp() {
  const [mailedTo, setMailedTo] = useState<string | null>(null);

  async function send(form: FormData) {
    const email = text(form, 'email') ?? '';
    await register({
      body: {
        username: text(form, 'username') ?? '',
        email,
        password: untrimmed(form, 'password'),
        first_name: text(form, 'first_name'),
      },
    });
    setMailedTo(email);
  }

  if (mailedTo !== null) {
    return (
      <Welcome>
        <LookAtMail email={mailedTo} />
      </Welcome>
    );
  }
  return (
    <Welcome>
      <Page title={words.title}>
        <Form send={send} submit={words.submit}>
          <Field name="first_name" label={words.firstName} optional>
            {(attributes) => <input {...attributes} type="text" autoComplete="given-name" maxLength={80} />}
          </Field>
          <Field name="username" label={words.username} hint={words.usernameHint}>
            {(attributes) => (
              <input
                {...attributes}
                type="text"
                autoComplete="username"
                autoCapitalize="none"
                minLength={3}
                maxLength={30}
                required
              />
            )}
          </Field>
          <Field name="email" label={words.email} hint={words.emailHint}>
            {(attributes) => (
              <input {...attributes} type="email" autoComplete="email" maxLength={254} required />
            )}
          </Field>
          <Field name="password" label={words.password} hint={words.passwordHint}>
            {(attributes) => (
              <input {...attributes} type="password" autoComplete="new-password" minLength={8} required />
            )}
          </Field>
        </Form>
        <p>
          {words.haveAccount} <Link to="/sign-in">{strings.auth.signIn.title}</Link>
        </p>
      </Page>
    </Welcome>
  );
}
