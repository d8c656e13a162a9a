/** What was typed into a field; undefined where it was left empty, so that it is left out of the JSON. */
export function text(form: FormData, name: string): string | undefined {
  const value = form.get(name);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** Passwords may begin or end with a space. */
export function untrimmed(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

export function number(form: FormData, name: string): number | undefined {
  const value = text(form, name);
  return value === undefined ? undefined : Number(value);
}

/** The value of a select or of radio buttons, whose options are exactly the values of `Choice`. */
export function choice<Choice extends string>(form: FormData, name: string): Choice {
  return untrimmed(form, name) as Choice;
}
