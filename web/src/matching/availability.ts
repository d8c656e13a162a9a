import type { Weekday, Window } from '../api/generated';
import { choice, text } from '../components/formValues';

/** The rows of the form, which are named by where their values stand in the JSON: `windows/0/weekday`. */
export function windowsIn(form: FormData): Window[] {
  const windows: Window[] = [];
  for (let row = 0; form.has(`windows/${row}/weekday`); row++) {
    windows.push({
      weekday: choice<Weekday>(form, `windows/${row}/weekday`),
      start: text(form, `windows/${row}/start`) ?? '',
      end: endOfDay(text(form, `windows/${row}/end`) ?? ''),
    });
  }
  return windows;
}

/** A time field cannot hold 24:00; a window that ends at 00:00 can only mean the midnight at its end. */
const endOfDay = (end: string) => (end === '00:00' ? '24:00' : end);

export const asTyped = (end: string) => (end === '24:00' ? '00:00' : end);
