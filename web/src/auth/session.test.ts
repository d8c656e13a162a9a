import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { SignedInAnswer } from '../api/generated';
import { accessToken, currentSession, fetchWithSession, refresh, resumeSession, signedIn } from './session';

const user: SignedInAnswer['user'] = {
  user_id: 'a'.repeat(26),
  username: 'maya',
  email: 'maya@example.com',
  first_name: null,
  last_name: null,
  role: 'pet_owner',
  picture_url: null,
  created_at: '2030-01-01T00:00:00Z',
  updated_at: '2030-01-01T00:00:00Z',
};
const answer = (access_token: string): SignedInAnswer => ({
  access_token,
  expires_in: 300,
  token_type: 'Bearer',
  refresh_token: null,
  user,
});

let valid: string;
let refreshAnswer: () => Promise<Response>;
let calls: { path: string; token: string | null; body: string }[];

/** A server on which only the token `valid` is good. */
async function serve(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const path = new URL(request.url).pathname;
  const token = request.headers.get('Authorization')?.replace('Bearer ', '') ?? null;
  calls.push({ path, token, body: await request.text() });
  if (path === '/api/auth/refresh') {
    return refreshAnswer();
  }
  return token === valid
    ? Response.json({ ok: true })
    : Response.json({ code: 'unauthenticated' }, { status: 401 });
}

const ask = (body = '') =>
  fetchWithSession(
    new Request('http://localhost:3000/api/pets', {
      method: 'POST',
      headers: { Authorization: `Bearer ${accessToken()}` },
      body,
    }),
  );

const count = (path: string) => calls.filter((call) => call.path === path).length;

beforeEach(() => {
  calls = [];
  valid = 'new';
  refreshAnswer = async () => Response.json(answer('new'));
  vi.stubGlobal('fetch', vi.fn(serve));
  signedIn(answer('old'));
});

describe('an access token that has run out', () => {
  test('is renewed once, and the request sent again with its body', async () => {
    const response = await ask('{"name":"Rex"}');
    expect(response.status).toBe(200);
    expect(calls.map((call) => [call.path, call.token])).toEqual([
      ['/api/pets', 'old'],
      ['/api/auth/refresh', null],
      ['/api/pets', 'new'],
    ]);
    expect(calls[1]?.body).toBe('{}');
    expect(calls[2]?.body).toBe('{"name":"Rex"}');
  });

  test('is renewed by one request, however many found it out', async () => {
    const responses = await Promise.all([ask(), ask(), ask(), ask(), ask()]);
    expect(responses.map((response) => response.status)).toEqual([200, 200, 200, 200, 200]);
    expect(count('/api/auth/refresh')).toBe(1);
  });

  test('is not renewed again for a request that was on its way meanwhile', async () => {
    const late = new Request('http://localhost:3000/api/pets', { headers: { Authorization: 'Bearer old' } });
    await refresh();
    const response = await fetchWithSession(late);
    expect(response.status).toBe(200);
    expect(count('/api/auth/refresh')).toBe(1);
  });

  test('a new token that is refused as well makes no loop', async () => {
    valid = 'another';
    expect((await ask()).status).toBe(401);
    expect(count('/api/pets')).toBe(2);
  });
});

describe('a session that is over', () => {
  test('is said so, and keeps who it was', async () => {
    refreshAnswer = async () => Response.json({ code: 'session_ended' }, { status: 401 });
    expect((await ask()).status).toBe(401);
    expect(currentSession()).toEqual({ status: 'ended', user });
    expect(accessToken()).toBeNull();
  });

  test('is not concluded from a server that cannot say', async () => {
    refreshAnswer = async () => Response.json({}, { status: 503 });
    await expect(ask()).rejects.toThrow();
    expect(currentSession().status).toBe('in');
  });
});

describe('opening the page', () => {
  test('with a good cookie signs in', async () => {
    await resumeSession();
    expect(currentSession()).toEqual({ status: 'in', user });
  });

  test('without one shows the way in', async () => {
    refreshAnswer = async () => Response.json({}, { status: 401 });
    await resumeSession();
    expect(currentSession()).toEqual({ status: 'out' });
  });

  test('without a connection offers to try again', async () => {
    refreshAnswer = async () => {
      throw new TypeError('Failed to fetch');
    };
    await resumeSession();
    expect(currentSession()).toEqual({ status: 'unreachable' });
  });
});

test('a wrong password is no reason to refresh', async () => {
  const login = new Request('http://localhost:3000/api/auth/login', { method: 'POST', body: '{}' });
  expect((await fetchWithSession(login)).status).toBe(401);
  expect(count('/api/auth/refresh')).toBe(0);
});
