import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { toProblem } from '../api/problem';
import { strings } from '../strings';
import { Alert } from './Alert';
import { Button } from './Button';
import styles from './Loaded.module.css';

interface Props<Data> {
  query: UseQueryResult<Data>;
  children: (data: Data) => ReactNode;
}

/** Shows what a query found; until then that it is loading, or what is wrong with a way to try again. */
export function Loaded<Data>({ query, children }: Props<Data>) {
  if (query.data !== undefined) {
    return children(query.data);
  }
  if (query.isError) {
    return (
      <Alert>
        <p>{toProblem(query.error).message}</p>
        <Button onClick={() => query.refetch()}>{strings.tryAgain}</Button>
      </Alert>
    );
  }
  return (
    <p role="status" className={styles.loading}>
      {strings.loading}
    </p>
  );
}

/** Nothing here yet, and what to do about it. */
export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <p>{children}</p>
      {action}
    </div>
  );
}
