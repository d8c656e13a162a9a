import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, fireEvent, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Location, Place } from '../api/generated';
import * as api from '../api/generated';
import { Problem } from '../api/problem';
import { strings } from '../strings';
import { LocationForm } from './LocationForm';

vi.mock('../api/generated', () => ({ findPlaces: vi.fn(), setLocation: vi.fn() }));

const words = strings.location;
const portland = (region: string) =>
  ({ place_id: region, name: 'Portland', label: `Portland, ${region}, United States` }) as Place;
const [oregon, maine] = [portland('Oregon'), portland('Maine')] as const;
const area: Location = {
  precision: 'area',
  cell: { south: 40, north: 40.04, west: -74, east: -73.96 },
  located_at: '2026-03-09T12:00:00Z',
};

function show(location: Location | null) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <LocationForm location={location} />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

const field = () => screen.getByLabelText(words.place);
const save = () => screen.getByText(strings.aboutUs.save);
const sent = () => vi.mocked(api.setLocation).mock.calls.map(([options]) => options?.body);

beforeEach(() => {
  vi.resetAllMocks();
  vi.mocked(api.findPlaces).mockResolvedValue({ items: [oregon, maine], next_cursor: null });
  vi.mocked(api.setLocation).mockResolvedValue(area);
});

test('places are offered while one types, and the keys go through them', async () => {
  const user = show(null);

  expect(field()).toHaveRole('combobox');
  expect(field()).toHaveAttribute('aria-expanded', 'false');
  await user.type(field(), 'po');
  await screen.findByText('2 places: choose one below the field.');
  expect(field()).toHaveAttribute('aria-expanded', 'true');
  await user.keyboard('{ArrowDown}{ArrowDown}');

  const list = screen.getByLabelText(words.places);
  const options = within(list).getAllByRole('option');
  expect(list).toHaveRole('listbox');
  expect(field()).toHaveAttribute('aria-controls', list.id);
  expect(options[1]).toHaveAttribute('aria-selected', 'true');
  expect(field()).toHaveAttribute('aria-activedescendant', options[1]?.id);
});

test('a place is chosen with Enter, which sends nothing yet, and sent by its id', async () => {
  const user = show(null);

  await user.type(field(), 'po');
  await screen.findByText(maine.label);
  await user.keyboard('{ArrowDown}{ArrowDown}{Enter}');
  expect(field()).toHaveValue('Portland, Maine, United States');
  expect(field()).toHaveFocus();
  expect(field()).toHaveAttribute('aria-expanded', 'false');
  expect(api.setLocation).not.toHaveBeenCalled();
  await user.click(save());

  expect(await screen.findByText(strings.aboutUs.saved)).toBeVisible();
  expect(sent()).toEqual([{ place_id: 'Maine', precision: 'area' }]);
});

test('the keys go round, and Escape closes the list', async () => {
  const user = show(null);

  await user.type(field(), 'po');
  await screen.findByText(maine.label);
  await user.keyboard('{ArrowUp}');
  expect(screen.getAllByRole('option')[1]).toHaveAttribute('aria-selected', 'true');
  await user.keyboard('{ArrowDown}');
  expect(screen.getAllByRole('option')[0]).toHaveAttribute('aria-selected', 'true');
  await user.keyboard('{Escape}');

  expect(screen.queryByRole('listbox')).toBeNull();
  expect(field()).toHaveValue('po');
});

test('a place is chosen with a press, and what is typed afterwards unchooses it', async () => {
  const user = show(null);

  await user.type(field(), 'po');
  await user.click(await screen.findByText(oregon.label));
  expect(field()).toHaveValue('Portland, Oregon, United States');
  await user.type(field(), '!');
  await user.click(save());

  expect(await screen.findByText(words.chooseOne, { selector: 'p' })).toBeVisible();
  expect(field()).toHaveFocus();
  expect(field()).toBeInvalid();
  expect(api.setLocation).not.toHaveBeenCalled();
});

test('only what is there when the typing pauses is asked for, and no single letter', async () => {
  vi.useFakeTimers();
  show(null);

  for (const typed of ['p', 'po', 'por', 'portl', 'p']) {
    fireEvent.change(field(), { target: { value: typed } });
    await act(() => vi.advanceTimersByTimeAsync(typed === 'por' ? 199 : typed === 'po' ? 0 : 200));
  }

  expect(vi.mocked(api.findPlaces).mock.calls.map(([options]) => options.query)).toEqual([
    { q: 'portl', limit: 7 },
  ]);
  vi.useRealTimers();
});

test('that nothing begins like this, and that nothing can be looked up, is said', async () => {
  const user = show(null);

  vi.mocked(api.findPlaces).mockResolvedValue({ items: [], next_cursor: null });
  await user.type(field(), 'zzz');
  expect(await screen.findByText(words.found(0))).toBeVisible();
  vi.mocked(api.findPlaces).mockRejectedValue(new Problem(0, 'unreachable', ''));
  await user.type(field(), 'z');

  expect(await screen.findByText(words.cannotLook)).toBeVisible();
});

test('the browser is asked for the position only at a press', async () => {
  const getCurrentPosition = vi.fn((done: PositionCallback) =>
    done({ coords: { latitude: 1.5, longitude: 2.5 } } as GeolocationPosition),
  );
  vi.stubGlobal(
    'navigator',
    Object.assign(Object.create(navigator), { geolocation: { getCurrentPosition } }),
  );
  const user = show(null);

  expect(getCurrentPosition).not.toHaveBeenCalled();
  await user.click(screen.getByText(words.mine));
  expect(screen.getByText(words.mineTold)).toBeVisible();
  await user.click(save());

  await screen.findByText(strings.aboutUs.saved);
  expect(sent()).toEqual([{ latitude: 1.5, longitude: 2.5, precision: 'neighbourhood' }]);
  vi.unstubAllGlobals();
});

test('a browser that does not tell leaves the places', async () => {
  const user = show(null);

  await user.click(screen.getByText(words.mine));

  expect(await screen.findByText(words.mineFailed)).toBeVisible();
});

test('too many moves are said in our words', async () => {
  vi.mocked(api.setLocation).mockRejectedValue(
    new Problem(429, 'too_many_moves', strings.problems.codes.too_many_moves as string),
  );
  const user = show(area);

  await user.click(save());

  expect(await screen.findByText(/You can move five times a day/)).toBeVisible();
});

test('where the places come from is said beside them', () => {
  show(null);

  expect(screen.getByRole('link', { name: 'GeoNames' })).toHaveAttribute('href', 'https://www.geonames.org/');
  expect(screen.getByRole('link', { name: 'CC BY 4.0' })).toBeVisible();
});
