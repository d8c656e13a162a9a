import { Link, NavLink, Outlet } from 'react-router';
import { SignOut } from '../auth/SignOut';
import { strings } from '../strings';
import { Brand } from './Brand';
import { CalendarIcon, CompassIcon, HeartIcon, HomeIcon, PawIcon } from './icons';
import styles from './Shell.module.css';

const words = strings.nav;
const places = [
  { to: '/discover', label: words.discover, Icon: CompassIcon },
  { to: '/matches', label: words.matches, Icon: HeartIcon },
  { to: '/agenda', label: words.agenda, Icon: CalendarIcon },
  { to: '/pets', label: words.pets, Icon: PawIcon },
  { to: '/about-us', label: words.aboutUs, Icon: HomeIcon },
];

/** What surrounds every page of a signed-in owner: navigation below on a phone, at the side on a desk. */
export function Shell() {
  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        {strings.skipToContent}
      </a>
      <header className={styles.header}>
        <Link to="/" className={styles.brand}>
          <Brand />
        </Link>
        <SignOut />
      </header>
      <nav aria-label={words.label} className={styles.nav}>
        <ul>
          {places.map(({ to, label, Icon }) => (
            <li key={to}>
              <NavLink to={to} className={styles.place}>
                <Icon />
                {label}
              </NavLink>
            </li>
          ))}
        </ul>
      </nav>
      <main id="content" tabIndex={-1} className={styles.main}>
        <Outlet />
      </main>
    </div>
  );
}
