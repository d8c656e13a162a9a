import { kind, threeFacts } from './facts';
import styles from './PetHead.module.css';
import { TypeIcon } from './TypeIcon';

type Described = Parameters<typeof kind>[0] & { name: string };

/** Who a pet is, at a glance: on the card of an own pet as on that of a candidate. */
export function PetHead({ pet, aside }: { pet: Described; aside?: string }) {
  return (
    <div className={styles.head}>
      <span className={styles.icon}>
        <TypeIcon type={pet.type} />
      </span>
      <div className={styles.who}>
        <h2 className={styles.name}>{pet.name}</h2>
        <p className={styles.kind}>{kind(pet)}</p>
      </div>
      {aside && <p className={styles.aside}>{aside}</p>}
      <ul className={styles.facts}>
        {threeFacts(pet).map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </div>
  );
}
