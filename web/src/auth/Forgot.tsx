import { useState } from 'react';
import { Link } from 'react-router';
import { forgotPassword } from '../api/generated';
import { Field, Form } from '../components/Form';
import { text } from '../components/formValues';
import { Page } from '../components/Page';
import { strings } from '../strings';
import { LocalMail } from './LocalMail';
import { Welcome } from './Welcome';

const words = strings.auth.forgot;

/** Asks for a mail with a link. Whether the address belongs to anybody is not told. */
export function Forgot() {
  const [mailedTo, setMailedTo] = useState<string | null>(null);

  async function send(form: FormData) {
    const email = text(form, 'email') ?? '';
    await forgotPassword({ body: { email } });
    setMailedTo(email);
  }

  return (
    <Welcome>
      <Page title={words.title}>
        {mailedTo === null ? (
          <Form send={send} submit={words.submit}>
            <Field name="email" label={words.email} hint={words.emailHint}>
              {(attributes) => (
                <input {...attributes} type="email" autoComplete="email" maxLength={254} required />
              )}
            </Field>
          </Form>
        ) : (
          <>
            <p role="status">{words.sent(mailedTo)}</p>
            <LocalMail email={mailedTo} />
          </>
        )}
        <p>
          <Link to="/sign-in">{words.back}</Link>
        </p>
      </Page>
    </Welcome>
  );
}
