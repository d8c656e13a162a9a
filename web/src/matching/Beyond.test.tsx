import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MemoryRouter } from 'react-router';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Candidate, CandidatePage, Criteria, Location, Pet, Watch } from '../api/generated';
import * as api from '../api/generated';
import { Discover } from './Discover';

vi.mock('../api/generated', () => ({
  endWatch: vi.fn(),
  likePet: vi.fn(),
  listCandidates: vi.fn(),
  listPets: vi.fn(),
  listWatches: vi.fn(),
  passOnPet: vi.fn(),
  readLocation: vi.fn(),
  setCriteria: vi.fn(),
  setWatch: vi.fn(),
}));

const wide = {
  preferred_type: 'any',
  size_preference: 'any',
  activity_level: 'any',
  radius_km: 10,
} as Criteria;

function candidate(name: string, asAsked: boolean): Candidate {
  const pet = { pet_id: name.toLowerCase(), name, type: 'dog', age: 3, size: 'small', activity_level: 'low' };
  return { pet, distance_band: '2-5 km', score: 80, reasons: [], as_asked: asAsked } as unknown as Candidate;
}

function found(page: Partial<CandidatePage>) {
  vi.mocked(api.listCandidates).mockResolvedValue({ items: [], widened: null, next_cursor: null, ...page });
}

function show() {
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <MemoryRouter>
        <Discover />
      </MemoryRouter>
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

beforeEach(() => {
  vi.resetAllMocks();
  vi.mocked(api.listPets).mockResolvedValue({
    items: [{ pet_id: 'biscuit', name: 'Biscuit' } as Pet],
    next_cursor: null,
  });
  vi.mocked(api.readLocation).mockResolvedValue({ precision: 'area' } as Location);
  vi.mocked(api.listWatches).mockResolvedValue({ items: [], next_cursor: null });
});

test('who fits comes first, and what was given up for the others is said', async () => {
  const relaxed = ['any size, not only small', 'up to 10 km away, not only 5 km'];
  found({
    items: [candidate('Olive', true), candidate('Momo', false)],
    widened: { criteria: wide, relaxed },
  });
  show();

  const beyond = within(await screen.findByRole('region', { name: 'Beyond what you ask for' }));

  expect(screen.getByText('Only 1 fits all that you ask for right now.')).toBeVisible();
  for (const given of relaxed) {
    expect(beyond.getByText(given)).toBeVisible();
  }
  expect(beyond.getByText('Momo')).toBeVisible();
  expect(beyond.queryByText('Olive')).toBeNull();
  expect(screen.getByText('Olive')).toBeVisible();
});

test('a wider search that finds nobody says so', async () => {
  found({ widened: { criteria: wide, relaxed: ['up to 10 km away, not only 5 km'] } });
  show();

  expect(await screen.findByText('There is nobody even then.')).toBeVisible();
  expect(screen.getByText('Nobody fits all that you ask for right now.')).toBeVisible();
});

test('one may always look as wide', async () => {
  found({ items: [candidate('Momo', false)], widened: { criteria: wide, relaxed: ['any size'] } });
  vi.mocked(api.setCriteria).mockResolvedValue(wide);
  const user = show();

  await user.click(await screen.findByRole('button', { name: 'Always look this wide' }));

  expect(vi.mocked(api.setCriteria).mock.calls[0]?.[0].body).toEqual(wide);
  expect(api.listCandidates).toHaveBeenCalledTimes(2);
});

test('one asks to be told when somebody appears, and thinks again', async () => {
  found({});
  const watch: Watch = { pet_id: 'biscuit', since: '', until: '' };
  vi.mocked(api.setWatch).mockResolvedValue(watch);
  const user = show();

  const ask = await screen.findByRole('button', { name: 'Tell me when somebody appears' });
  vi.mocked(api.listWatches).mockResolvedValueOnce({ items: [watch], next_cursor: null });
  await user.click(ask);
  vi.mocked(api.listWatches).mockResolvedValueOnce({ items: [], next_cursor: null });
  await user.click(await screen.findByRole('button', { name: 'Never mind' }));

  expect(await screen.findByRole('button', { name: 'Tell me when somebody appears' })).toBeVisible();
  expect(vi.mocked(api.setWatch).mock.calls[0]?.[0].body).toEqual({ pet_id: 'biscuit' });
  expect(vi.mocked(api.endWatch).mock.calls[0]?.[0].query).toEqual({ pet_id: 'biscuit' });
});

test('where many fit, nothing is offered, but a watch that is kept can be ended', async () => {
  found({ items: ['Olive', 'Momo', 'Rex', 'Luna', 'Fig'].map((name) => candidate(name, true)) });
  vi.mocked(api.listWatches).mockResolvedValueOnce({
    items: [{ pet_id: 'biscuit', since: '', until: '' }],
    next_cursor: null,
  });
  const user = show();

  await user.click(await screen.findByText('Never mind'));

  await vi.waitFor(() => expect(screen.queryByText('Never mind')).toBeNull());
  expect(screen.queryByText('Tell me when somebody appears')).toBeNull();
});
