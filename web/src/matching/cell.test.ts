import { expect, test } from 'vitest';
import { sizeOf } from './cell';

test('a cell is narrower away from the equator', () => {
  const height = 180 / 2 ** 15;
  const width = 360 / 2 ** 15;
  const equator = sizeOf({ south: 0, north: height, west: 0, east: width });
  expect(equator.width).toBeCloseTo(1.22, 2);
  expect(equator.height).toBeCloseTo(0.61, 2);
  const newYork = sizeOf({ south: 40.7, north: 40.7 + height, west: -74, east: -74 + width });
  expect(newYork.width).toBeCloseTo(0.93, 2);
  expect(newYork.height).toBeCloseTo(0.61, 2);
});
