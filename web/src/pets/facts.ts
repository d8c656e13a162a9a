import { strings } from '../strings';

const words = strings.pets;
const KILOGRAMS = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

export const kilograms = (grams: number) => words.weight(KILOGRAMS.format(grams / 1000));

export const grams = (kilograms: number) => Math.round(kilograms * 1000);

interface Described {
  type: keyof typeof words.types;
  breed: string | null;
  age: number;
  size: keyof typeof words.sizes;
  activity_level: keyof typeof words.activities;
}

/** What kind of animal: the breed says it where it is known. */
export const kind = (pet: Described) => pet.breed ?? words.types[pet.type];

/** The three facts by which people choose: age, size, activity. */
export function threeFacts(pet: Described): string[] {
  return [words.age(pet.age), words.sizes[pet.size], words.activities[pet.activity_level]];
}
