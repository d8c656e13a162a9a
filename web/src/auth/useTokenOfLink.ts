import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';

/** The token of a link that was mailed. It is taken out of the address bar, and so of the history, at once. */
export function useTokenOfLink(path: string): string {
  const [search] = useSearchParams();
  const [token] = useState(() => search.get('token') ?? '');
  useEffect(() => window.history.replaceState(window.history.state, '', path), [path]);
  return token;
}
