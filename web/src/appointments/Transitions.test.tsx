import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Appointment } from '../api/generated';
import * as api from '../api/generated';
import { AppointmentCard } from './AppointmentCard';
import { agreed, appointment } from './appointment.test-support';
import { toInstant, toLocal } from './times';

vi.mock('../api/generated', () => ({
  acceptAppointment: vi.fn(),
  cancelAppointment: vi.fn(),
  checkInToAppointment: vi.fn(),
  completeAppointment: vi.fn(),
  declineAppointment: vi.fn(),
  giveFeedback: vi.fn(),
  rescheduleAppointment: vi.fn(),
}));

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const repeat = { series_id: 's', number: 1, weeks: 4 };

function show(one: Appointment) {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <AppointmentCard
        appointment={one}
        names={
          new Map([
            ['p', 'Biscuit'],
            ['q', 'Olive'],
          ])
        }
      />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

const press = (name: string) => screen.getByRole('button', { name });
const bodyOf = (call: (...request: never[]) => unknown) =>
  (vi.mocked(call).mock.calls[0]?.[0] as { body?: unknown } | undefined)?.body;
const tomorrow = (hour: string) => `${toLocal(Date.now() + 24 * 60 * 60_000, zone).slice(0, 10)}T${hour}`;

beforeEach(() => {
  vi.resetAllMocks();
});

test('nothing is offered that the server does not allow', () => {
  show(appointment({ status: 'Expired' }));

  expect(screen.getByText('Not answered')).toBeVisible();
  expect(screen.queryByRole('button')).toBeNull();
});

test('a proposal is answered with another time', async () => {
  const user = show(appointment({ can: ['accept', 'decline', 'reschedule'] }));

  await user.click(press('Another time'));
  fireEvent.change(screen.getByLabelText('Day and time'), { target: { value: tomorrow('16:30') } });
  await user.selectOptions(screen.getByLabelText('How long?'), '90');
  await user.click(press('Offer this time'));

  await waitFor(() =>
    expect(bodyOf(api.rescheduleAppointment)).toEqual({
      start: new Date(toInstant(tomorrow('16:30'), zone)).toISOString(),
      minutes: 90,
      following: false,
    }),
  );
  await waitFor(() => expect(press('Accept')).toBeVisible());
});

test('what was agreed is shown beside the wish to move it, which is accepted or left', async () => {
  const move = {
    starts: ['2030-02-02T09:00:00Z'],
    minutes: 30,
    following: false,
    expires_at: '2030-01-31T09:00:00Z',
  };
  const user = show(agreed({ move, can: ['accept', 'decline', 'reschedule', 'cancel'] }));

  expect(screen.getByText('They would like another time:')).toBeVisible();
  expect(screen.getByText('Until both agree, it stays as it is.')).toBeVisible();
  expect(screen.getAllByRole('listitem')).toHaveLength(2);
  await user.click(press('Leave it as it is'));
  await user.click(press('Accept'));

  expect(api.declineAppointment).toHaveBeenCalledOnce();
  expect(bodyOf(api.acceptAppointment)).toEqual({ start: undefined });
});

test('of several wished times one is chosen', async () => {
  const starts = ['2030-02-02T09:00:00Z', '2030-02-03T09:00:00Z'];
  const move = { starts, minutes: 30, following: false, expires_at: '2030-01-31T09:00:00Z' };
  const user = show(agreed({ move, can: ['accept', 'decline'] }));

  await user.click(screen.getAllByRole('radio')[1] as HTMLElement);
  await user.click(press('Accept'));

  expect(bodyOf(api.acceptAppointment)).toEqual({ start: starts[1] });
});

test('of what repeats one says whether all that follow are meant', async () => {
  const user = show(agreed({ repeat }));

  await user.click(press('Cancel'));
  expect(screen.getByLabelText('This one')).toBeChecked();
  await user.type(screen.getByLabelText('Why do you cancel?'), 'We are moving');
  await user.click(screen.getByLabelText('This and all that follow'));
  await user.click(press('Cancel the playdate'));

  expect(bodyOf(api.cancelAppointment)).toEqual({ reason: 'We are moving', following: true });
});

test('of what happens once nobody is asked which one', async () => {
  const user = show(agreed());

  await user.click(press('Another time'));

  expect(screen.queryByText('Which of them?')).toBeNull();
  expect(press('Ask for this time')).toBeVisible();
});

test('one checks in once, and says when it is done', async () => {
  const user = show(agreed({ can: ['check-in', 'complete'] }));

  await user.click(press('We are here'));
  await user.click(press('We are done'));

  expect(api.checkInToAppointment).toHaveBeenCalledOnce();
  expect(api.completeAppointment).toHaveBeenCalledOnce();
});

test('who has checked in is not asked to again', () => {
  show(agreed({ can: ['check-in', 'cancel'], i_checked_in: true }));

  expect(screen.queryByRole('button', { name: 'We are here' })).toBeNull();
  expect(screen.getByText('You have said that you are there.')).toBeVisible();
});

test.each([
  ['Yes, gladly', true],
  ['Rather not', false],
])('whether to meet again is answered with "%s"', async (answer, again) => {
  const user = show(agreed({ status: 'Completed', can: ['feedback'] }));

  await user.click(press('Meet again?'));
  await user.click(screen.getByLabelText(answer));
  await user.type(screen.getByLabelText(/A word about it/), 'It rained');
  await user.click(press('Send my answer'));

  expect(bodyOf(api.giveFeedback)).toEqual({ again, note: 'It rained' });
});
