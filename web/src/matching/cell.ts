import type { Bounds } from '../api/generated';

const KM_A_DEGREE = 111.195;

/** How wide (in its middle) and how high a cell is, in kilometres. */
export function sizeOf(cell: Bounds): { width: number; height: number } {
  const middle = ((cell.south + cell.north) / 2) * (Math.PI / 180);
  return {
    width: (cell.east - cell.west) * Math.cos(middle) * KM_A_DEGREE,
    height: (cell.north - cell.south) * KM_A_DEGREE,
  };
}
