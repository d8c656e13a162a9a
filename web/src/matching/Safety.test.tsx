import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MemoryRouter } from 'react-router';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Candidate, Pet } from '../api/generated';
import * as api from '../api/generated';
import { Problem } from '../api/problem';
import { CandidateCard } from './CandidateCard';
import { Safety } from './Safety';

vi.mock('../api/generated', () => ({
  blockUser: vi.fn(),
  likePet: vi.fn(),
  listAppointments: vi.fn(),
  passOnPet: vi.fn(),
  reportUser: vi.fn(),
  undoPass: vi.fn(),
}));

const olive = {
  pet: { pet_id: 'olive', name: 'Olive', type: 'dog', age: 3, size: 'small', activity_level: 'low' },
  distance_band: 'under 1 km',
  score: 80,
  reasons: [],
} as unknown as Candidate;
const biscuit = { pet_id: 'biscuit', name: 'Biscuit' } as Pet;

function show(what: React.ReactNode) {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter>{what}</MemoryRouter>
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

beforeEach(() => {
  vi.resetAllMocks();
});

test('a candidate is put aside at a press, and shown again at another', async () => {
  vi.mocked(api.passOnPet).mockResolvedValue({ pet_id: 'biscuit', target_pet_id: 'olive', passed_at: '' });
  const user = show(<CandidateCard candidate={olive} myPet={biscuit} />);

  await user.click(screen.getByRole('button', { name: 'Olive is not for us' }));
  expect(await screen.findByText('Olive is put aside for half a year.')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Say hello to Olive' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Show Olive again' }));

  expect(await screen.findByRole('button', { name: 'Say hello to Olive' })).toBeVisible();
  expect(vi.mocked(api.passOnPet).mock.calls[0]?.[0].body).toEqual({
    pet_id: 'biscuit',
    target_pet_id: 'olive',
  });
  expect(vi.mocked(api.undoPass).mock.calls[0]?.[0].path).toEqual({ target_pet_id: 'olive' });
});

test('a pass that did not work says so, and the card stays', async () => {
  vi.mocked(api.passOnPet).mockRejectedValue(
    new Problem(409, 'already_liked', 'You like this pet already', []),
  );
  const user = show(<CandidateCard candidate={olive} myPet={biscuit} />);

  await user.click(screen.getByRole('button', { name: 'Olive is not for us' }));

  expect(await screen.findByText(/You like this pet already/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Say hello to Olive' })).toBeVisible();
});

test('nobody is blocked without being asked once more', async () => {
  const user = show(<CandidateCard candidate={olive} myPet={biscuit} />);

  await user.click(screen.getByText('More'));
  await user.click(screen.getByRole('button', { name: 'Block' }));
  expect(screen.getByRole('group', { name: 'Block Olive’s people?' })).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Not now' }));
  expect(api.blockUser).not.toHaveBeenCalled();
  await user.click(screen.getByText('More'));
  await user.click(screen.getByRole('button', { name: 'Block' }));
  await user.click(screen.getByRole('button', { name: 'Block them' }));

  expect(await screen.findByText('You and Olive’s people do not see each other any more.')).toBeVisible();
  expect(vi.mocked(api.blockUser).mock.calls[0]?.[0].body).toEqual({ pet_id: 'olive' });
});

test('a match is reported with a reason and, if one likes, with words', async () => {
  const user = show(<Safety whom={{ user_id: 'ben' }} name="Olive" onBlocked={() => {}} />);

  await user.click(screen.getByText('More'));
  await user.click(screen.getByRole('button', { name: 'Report' }));
  await user.selectOptions(screen.getByLabelText('What is it about?'), 'They advertise');
  await user.type(screen.getByLabelText(/What happened/), 'Sells leashes');
  await user.click(screen.getByRole('button', { name: 'Send the report' }));

  expect(await screen.findByText('Thank you. We look into it.')).toBeVisible();
  expect(vi.mocked(api.reportUser).mock.calls[0]?.[0].body).toEqual({
    user_id: 'ben',
    reason: 'spam',
    text: 'Sells leashes',
  });
});
