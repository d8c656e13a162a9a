import { expect, test } from 'vitest';
import { reliability } from './reliability';

test('what has not happened is not mentioned', () => {
  expect(reliability({ kept: 0, missed: 0, cancelled_late: 0 })).toEqual([]);
});

test('what has is counted, and not judged', () => {
  expect(reliability({ kept: 3, missed: 1, cancelled_late: 2 })).toEqual([
    'Came to 3 playdates.',
    'Missed 1 playdate.',
    'Cancelled 2 playdates less than a day before.',
  ]);
});
