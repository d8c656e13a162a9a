import { expect, test } from 'vitest';
import { IdempotencyKeys } from './idempotency';

test('the same content keeps its key until it is done; other content gets another', () => {
  const keys = new IdempotencyKeys();
  const first = keys.keyFor({ name: 'Rex' });
  expect(keys.keyFor({ name: 'Rex' })).toBe(first);
  const second = keys.keyFor({ name: 'Max' });
  expect(second).not.toBe(first);
  keys.done();
  expect(keys.keyFor({ name: 'Max' })).not.toBe(second);
});
