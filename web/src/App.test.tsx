import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import { MemoryRouter } from 'react-router';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { App } from './App';
import { signedIn, signedOut } from './auth/session';

function open(path: string) {
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <MemoryRouter initialEntries={[path]}>
        <App />
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

beforeEach(() => {
  vi.stubGlobal('fetch', () => new Promise(() => undefined));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe('a password is typed unseen, kept by the browser, and never hindered from being pasted', () => {
  test.each([
    ['/sign-in', 'current-password'],
    ['/sign-up', 'new-password'],
    ['/reset?token=abc', 'new-password'],
  ])('%s', (path, kept) => {
    signedOut();
    open(path);
    const field = screen.getByLabelText(/password/i);
    expect(field).toHaveAttribute('type', 'password');
    expect(field).toHaveAttribute('autocomplete', kept);
    const pasting = new Event('paste', { bubbles: true, cancelable: true });
    expect(field.dispatchEvent(pasting)).toBe(true);
  });
});

describe('who is signed in can sign out from', () => {
  test.each([
    '/discover',
    '/matches',
    '/matches/some-match/propose',
    '/agenda',
    '/agenda/some-appointment',
    '/about-us',
    '/pets',
    '/pets/new',
    '/nowhere',
  ])('%s', (path) => {
    signedIn({
      access_token: 'a',
      expires_in: 300,
      token_type: 'Bearer',
      refresh_token: null,
      user: {
        user_id: 'a'.repeat(26),
        username: 'maya',
        email: 'maya@example.com',
        first_name: null,
        last_name: null,
        role: 'pet_owner',
        picture_url: null,
        created_at: '2030-01-01T00:00:00Z',
        updated_at: '2030-01-01T00:00:00Z',
      },
    });
    open(path);
    expect(screen.getByRole('button', { name: 'Sign out' })).toBeEnabled();
  });
});
