import { Link } from 'react-router';
import { Page } from '../components/Page';
import { strings } from '../strings';
import { SignInForm } from './SignInForm';
import { Welcome } from './Welcome';

const words = strings.auth.signIn;

export function SignIn() {
  return (
    <Welcome>
      <Page title={words.title}>
        <SignInForm />
        <p>
          <Link to="/forgot">{words.forgot}</Link>
        </p>
        <p>
          {words.newHere} <Link to="/sign-up">{words.signUp}</Link>
        </p>
      </Page>
    </Welcome>
  );
}
