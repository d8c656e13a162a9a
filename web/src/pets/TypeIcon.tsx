import type { ReactNode } from 'react';
import type { strings } from '../strings';

type PetType = keyof typeof strings.pets.types;

const drawings: Record<PetType, ReactNode> = {
  dog: (
    <>
      <path d="M10 9c2-1.2 10-1.2 12 0 1.5 2 2 5 2 8 0 5-3.5 9-8 9s-8-4-8-9c0-3 .5-6 2-8z" />
      <path d="M10 9C7 7.5 4.5 9 4.5 12.5S6 18.5 8 17M22 9c3-1.5 5.5 0 5.5 3.5S26 18.5 24 17" />
      <path d="M13 15v.5M19 15v.5M14.5 19.5h3L16 21.2zM16 21.2c0 1.3-1 1.8-2 1.8M16 21.2c0 1.3 1 1.8 2 1.8" />
    </>
  ),
  cat: (
    <>
      <path d="M7 6.5 11.5 10c2.8-.8 6.2-.8 9 0L25 6.5c.8 3.5.8 6.5.3 10C24.6 22 20.8 25.5 16 25.5S7.4 22 6.7 16.5c-.5-3.5-.5-6.5.3-10z" />
      <path d="M12.5 15.5v.5M19.5 15.5v.5M15 19.5h2l-1 1zM3.5 18.5l4-.5M3.5 22.5l4.5-1.5M28.5 18.5l-4-.5M28.5 22.5 24 21" />
    </>
  ),
  bird: (
    <>
      <path d="M6 13c0-4 3-6.5 6.5-6.5S19 9 19.5 12c4 .5 7 3 8.5 8-3 .5-4.5.5-6.5 0-1.5 3-4.5 5-8 5-4.5 0-7.5-4-7.5-8z" />
      <path d="M6 12.5 3 14.5l3 1.2M10.5 11.5v.5M12 17c1.5 2.5 4.5 3 7.5 1.5M12.5 25v3M16 24.5V28" />
    </>
  ),
  reptile: (
    <>
      <path d="M5 19c0-5.5 4.5-9 10-9s9.5 3.5 10 9z" />
      <path d="M25 17c1.5-2 4-1.5 4 .5s-2 2.5-4 2.5M9 19v4h3.5v-4M18 19v4h3.5v-4M5 19l-2 1.5M11 19l2-4h4l2 4M13 15l-1-4.2M17 15l1-4.2" />
    </>
  ),
  fish: (
    <>
      <path d="M4 16c3-5 7-7 11-7s7 3 9 7c-2 4-5 7-9 7S7 21 4 16z" />
      <path d="m23 16 5-4.5v9zM9.5 14.5v.5M15 12.5c1.5 2 1.5 5 0 7" />
    </>
  ),
  other: (
    <>
      <ellipse cx="7.5" cy="15" rx="2" ry="2.8" />
      <ellipse cx="12.8" cy="9" rx="2.2" ry="3" />
      <ellipse cx="19.2" cy="9" rx="2.2" ry="3" />
      <ellipse cx="24.5" cy="15" rx="2" ry="2.8" />
      <path d="M16 15c-3.5 0-6.5 3.5-6.5 6.5 0 2 1.5 3.2 3.2 3.2 1.3 0 2.2-.7 3.3-.7s2 .7 3.3.7c1.7 0 3.2-1.2 3.2-3.2 0-3-3-6.5-6.5-6.5z" />
    </>
  ),
};

/** A drawing in place of a photo. Beside it the kind of animal stands in words, so that it may be silent. */
export function TypeIcon({ type }: { type: PetType }) {
  return (
    <svg
      viewBox="0 0 32 32"
      width="36"
      height="36"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {drawings[type]}
    </svg>
  );
}
