import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { Problem } from '../api/problem';
import { strings } from '../strings';
import { Field, Form } from './Form';

function renderForm(send: (form: FormData, key: string) => Promise<void>) {
  render(
    <Form send={send} submit="Save">
      <Field name="name" label="Name">
        {(attributes) => <input {...attributes} type="text" />}
      </Field>
      <details>
        <summary>More</summary>
        <Field name="weight_g" label="Weight" hint="In kilograms">
          {(attributes) => <input {...attributes} type="text" />}
        </Field>
      </details>
    </Form>,
  );
  return userEvent.setup();
}

test('a problem is said at its field, which gets the focus, and nothing typed is lost', async () => {
  const user = renderForm(async () => {
    throw new Problem(422, 'invalid', 'Some values.', [
      { pointer: '/weight_g', type: 'value_error', detail: 'must be less than 1,000 kg' },
    ]);
  });
  await user.type(screen.getByLabelText('Name'), 'Rex');
  await user.click(screen.getByText('More'));
  await user.type(screen.getByLabelText('Weight'), '5000');
  await user.click(screen.getByText('More'));
  await user.click(screen.getByRole('button', { name: 'Save' }));

  const weight = screen.getByLabelText('Weight');
  expect(await screen.findByText('Must be less than 1,000 kg.')).toBeInTheDocument();
  expect(weight).toHaveAccessibleDescription('In kilograms Must be less than 1,000 kg.');
  expect(weight).toBeInvalid();
  expect(weight).toHaveFocus();
  expect(weight.closest('details')).toHaveAttribute('open');
  expect(screen.getByRole('alert')).toHaveTextContent(strings.problems.lookAtFields);
  expect(screen.getByLabelText('Name')).toHaveValue('Rex');
  expect(weight).toHaveValue('5000');
});

test('a repetition carries the same key, changed content another', async () => {
  const keys: string[] = [];
  const user = renderForm(async (_form, key) => {
    keys.push(key);
    throw new Problem(0, 'unreachable', strings.problems.unreachable);
  });
  const save = screen.getByRole('button', { name: 'Save' });
  await user.type(screen.getByLabelText('Name'), 'Rex');
  await user.click(save);
  expect(await screen.findByText(strings.problems.unreachable)).toBeVisible();
  await user.click(save);
  await user.type(screen.getByLabelText('Name'), ' II');
  await user.click(save);
  expect(keys).toHaveLength(3);
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).not.toBe(keys[0]);
});

test('two presses are one request', async () => {
  let answer = () => {};
  const send = vi.fn(() => new Promise<void>((resolve) => (answer = resolve)));
  const user = renderForm(send);
  await user.dblClick(screen.getByRole('button', { name: 'Save' }));
  await user.type(screen.getByLabelText('Name'), '{Enter}');
  expect(send).toHaveBeenCalledTimes(1);
  answer();
});
