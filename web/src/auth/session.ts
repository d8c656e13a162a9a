import { useSyncExternalStore } from 'react';
import type { SignedInAnswer, User } from '../api/generated';

/**
 * Who is signed in. The access token lives in this module and nowhere else: no storage that a script of
 * somebody else's could read later. A reload gets a new one by the refresh cookie, which no script sees at all.
 *
 * starting: not known yet · unreachable: the server did not say · out: nobody ·
 * in: `user` is · ended: `user` was, and what they see stays on the screen until they sign in again.
 */
export type Session = { status: 'starting' | 'unreachable' | 'out' } | { status: 'in' | 'ended'; user: User };

let session: Session = { status: 'starting' };
let token: string | null = null;
let refreshing: Promise<boolean> | null = null;
const listeners = new Set<() => void>();

function change(next: Session, nextToken: string | null): void {
  session = next;
  token = nextToken;
  for (const listener of listeners) {
    listener();
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const currentSession = () => session;
export const useSession = () => useSyncExternalStore(subscribe, currentSession);
export const accessToken = () => token;

export function signedIn(answer: SignedInAnswer): void {
  change({ status: 'in', user: answer.user }, answer.access_token);
}

export function signedOut(): void {
  change({ status: 'out' }, null);
}

/** On loading the page: the refresh cookie, if there is one, says who is here. */
export async function resumeSession(): Promise<void> {
  try {
    if (!(await refresh())) {
      signedOut();
    }
  } catch {
    change({ status: 'unreachable' }, null);
  }
}

/**
 * Gets a new access token; false where the session is over, and an exception where the server cannot say.
 * All callers in this tab share one request. Other tabs may refresh at the same moment: the server grants that.
 */
export function refresh(): Promise<boolean> {
  refreshing ??= requestTokens().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function requestTokens(): Promise<boolean> {
  const response = await globalThis.fetch(`${window.location.origin}/api/auth/refresh`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
  });
  if (response.ok) {
    signedIn((await response.json()) as SignedInAnswer);
    return true;
  }
  if (response.status === 401) {
    return false;
  }
  throw new Error(`refresh answered ${response.status}`);
}

/** Sends a request; where its access token has run out, refreshes once and sends it again. */
export async function fetchWithSession(request: Request): Promise<Response> {
  const sentToken = request.headers.get('Authorization')?.replace(/^Bearer /, '');
  if (!sentToken) {
    return globalThis.fetch(request);
  }
  const again = request.clone();
  const response = await globalThis.fetch(request);
  if (response.status !== 401) {
    return response;
  }
  // Another request may have refreshed while this one was on its way.
  const renewed = sentToken !== token || (await refresh());
  if (!renewed || token === null) {
    endSession();
    return response;
  }
  again.headers.set('Authorization', `Bearer ${token}`);
  return globalThis.fetch(again);
}

function endSession(): void {
  if (session.status === 'in') {
    change({ status: 'ended', user: session.user }, null);
  }
}
