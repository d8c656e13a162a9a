import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MemoryRouter, Route, Routes } from 'react-router';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Match, PagePet, Pet } from '../api/generated';
import * as api from '../api/generated';
import { Propose } from './Propose';

vi.mock('../api/generated', () => ({
  createAppointment: vi.fn(),
  listPets: vi.fn(),
  readMatch: vi.fn(),
}));

const biscuit = { pet_id: 'p', name: 'Biscuit' } as Pet;
const olive = { pet_id: 'q', name: 'Olive', type: 'dog', age: 3, size: 'small', activity_level: 'low' };

async function open() {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter initialEntries={['/matches/m/propose']}>
        <Routes>
          <Route path="/matches/:matchId/propose" element={<Propose />} />
          <Route path="/agenda" element={<p>The agenda</p>} />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>,
  );
  await screen.findByLabelText('Day and time');
  return userEvent.setup();
}

beforeEach(() => {
  vi.resetAllMocks();
  vi.mocked(api.readMatch).mockResolvedValue({ my_pet: biscuit, other_pet: olive } as unknown as Match);
  vi.mocked(api.listPets).mockResolvedValue({ items: [biscuit], next_cursor: null } as PagePet);
});

test.each([
  ['6', { weeks: 6 }],
  ['', undefined],
])('every week for "%s" weeks', async (weeks, repeat) => {
  const user = await open();

  if (weeks) {
    await user.type(screen.getByLabelText(/how many times/), weeks);
  }
  await user.click(screen.getByRole('button', { name: 'Propose this time' }));

  await waitFor(() => expect(screen.getByText('The agenda')).toBeVisible());
  const { body } = vi.mocked(api.createAppointment).mock.calls[0]?.[0] ?? {};
  expect(body).toMatchObject({ kind: 'playdate', pet_id: 'p', other_pet_id: 'q', minutes: 60 });
  expect(body && 'repeat' in body ? body.repeat : undefined).toEqual(repeat);
});
