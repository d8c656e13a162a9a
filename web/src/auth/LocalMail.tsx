import { Notice } from '../components/Alert';
import { strings } from '../strings';

const words = strings.auth.mail;

/** A local stack shows the mails that it would have sent; nowhere else is there such a page. */
export const isLocal = (host: string) => host === 'localhost' || host === '127.0.0.1';

export function LocalMail({ email }: { email: string }) {
  if (!isLocal(window.location.hostname)) {
    return null;
  }
  return (
    <Notice>
      <p>{words.localText}</p>
      <a href={`/_local/mail?to=${encodeURIComponent(email)}`}>{words.local}</a>
    </Notice>
  );
}
