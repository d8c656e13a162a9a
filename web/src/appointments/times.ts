/**
 * Wall-clock times in a zone, and back. Date alone knows only UTC and the device's own zone.
 * A "local" time is what a datetime-local field holds: `2030-01-31T09:15`.
 */
const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const DAY = 24 * 60 * MINUTE;

/** The wall-clock time in `zone`. */
export function toLocal(instant: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(instant);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '';
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

const asUtc = (local: string) => Date.parse(`${local}Z`);

const offsetAt = (instant: number, zone: string) =>
  asUtc(toLocal(instant, zone)) - Math.floor(instant / MINUTE) * MINUTE;

/**
 * The instant at which the clocks of `zone` show `local`. Of an hour that comes twice in autumn it is the
 * first; one that is left out in spring is read as if the clocks had not been changed yet. NaN for no time.
 */
export function toInstant(local: string, zone: string): number {
  const utc = asUtc(local);
  if (Number.isNaN(utc)) {
    return Number.NaN;
  }
  const candidates = [utc - DAY, utc + DAY].map((near) => utc - offsetAt(near, zone));
  const shown = candidates.filter((instant) => toLocal(instant, zone) === local);
  return shown.length > 0 ? Math.min(...shown) : (candidates[0] ?? Number.NaN);
}

/** The nearest quarter hour; what is not a time stays as it is. */
export function roundToQuarter(local: string): string {
  const utc = asUtc(local);
  return Number.isNaN(utc) ? local : new Date(Math.round(utc / QUARTER) * QUARTER).toISOString().slice(0, 16);
}

/** The first quarter hour after `instant`. Every zone in use is a whole number of quarters from UTC. */
export const nextQuarter = (instant: number) => (Math.floor(instant / QUARTER) + 1) * QUARTER;

// Sentences are English, so dates are too; of the Englishes it is the one that the browser asks for.
const LOCALE = globalThis.navigator?.languages.find((language) => language.startsWith('en')) ?? 'en';

const toShow = (zone: string) =>
  new Intl.DateTimeFormat(LOCALE, {
    timeZone: zone,
    weekday: 'short',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
  });

/** "Sat, Jan 31, 3:00 – 4:00 PM" */
export function formatStart(start: string, minutes: number, zone: string): string {
  const from = Date.parse(start);
  return toShow(zone).formatRange(from, from + minutes * MINUTE);
}

/** "Sat, Jan 31, 3:00 PM" */
export const formatMoment = (moment: string, zone: string) => toShow(zone).format(Date.parse(moment));
