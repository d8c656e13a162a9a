import { render, screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { Reasons } from './Reasons';

test('the score comes with its reasons, each once and as a list', () => {
  render(<Reasons score={82} reasons={['under 1 km away', 'Both are lively.', 'both are lively', ' ']} />);
  expect(screen.getByText('82 of 100')).toBeVisible();
  const entries = within(screen.getByRole('list', { name: 'Why' })).getAllByRole('listitem');
  expect(entries.map((entry) => entry.textContent)).toEqual(['Under 1 km away', 'Both are lively']);
});

test('without reasons there is no empty list', () => {
  render(<Reasons score={0} reasons={[]} />);
  expect(screen.queryByRole('list')).toBeNull();
});

test('what the server says is text, never markup', () => {
  render(<Reasons score={1} reasons={['<img src=x onerror=alert(1)>']} />);
  expect(screen.getByText('<img src=x onerror=alert(1)>')).toBeVisible();
});
