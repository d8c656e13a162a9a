import { logIn } from '../api/generated';
import { Field, Form } from '../components/Form';
import { text, untrimmed } from '../components/formValues';
import { strings } from '../strings';
import { deviceName } from './device';
import { signedIn } from './session';

const words = strings.auth.signIn;

export function SignInForm() {
  async function send(form: FormData) {
    const answer = await logIn({
      body: {
        username: text(form, 'username') ?? '',
        password: untrimmed(form, 'password'),
        device_name: deviceName(navigator.userAgent),
        delivery: 'cookie',
      },
    });
    signedIn(answer);
  }

  return (
    <Form send={send} submit={words.submit}>
      <Field name="username" label={words.username}>
        {(attributes) => (
          <input {...attributes} type="text" autoComplete="username" autoCapitalize="none" required />
        )}
      </Field>
      <Field name="password" label={words.password}>
        {(attributes) => <input {...attributes} type="password" autoComplete="current-password" required />}
      </Field>
    </Form>
  );
}
