import { describe, expect, test } from 'vitest';
import { strings } from '../strings';
import { Problem, placeInForm, toProblem } from './problem';

const response = (status: number) => new Response('', { status });
const fields =
  (...names: string[]) =>
  (name: string) =>
    names.includes(name);

describe('toProblem', () => {
  test('says what the server says, as a sentence', () => {
    const problem = toProblem(
      { status: 409, code: 'username_taken', title: 'This username is taken' },
      response(409),
    );
    expect(problem).toMatchObject({
      status: 409,
      code: 'username_taken',
      message: 'This username is taken.',
    });
  });

  test('prefers the detail to the title', () => {
    expect(toProblem({ code: 'x', title: 'T', detail: 'Because.' }, response(409)).message).toBe('Because.');
  });

  test('without an answer speaks of the connection', () => {
    expect(toProblem(new TypeError('Failed to fetch'))).toMatchObject({
      status: 0,
      message: strings.problems.unreachable,
    });
  });

  test('an answer that is no problem document still gets a sentence', () => {
    expect(toProblem('<html>', response(502))).toMatchObject({
      status: 502,
      message: strings.problems.unknown,
    });
    expect(toProblem({ message: 'Too Many Requests' }, response(429)).message).toBe(strings.problems.tooMany);
  });
});

describe('placeInForm', () => {
  const problem = (...errors: [string, string, string][]) =>
    new Problem(
      422,
      'invalid',
      'Some of the values are not acceptable.',
      errors.map(([pointer, type, detail]) => ({ pointer, type, detail })),
    );

  test('puts each error at its field', () => {
    const placed = placeInForm(
      problem(['/name', 'missing', 'Field required'], ['/weight_g', 'value_error', 'must be less']),
      fields('name', 'weight_g'),
    );
    expect(placed.fields).toEqual({ name: strings.problems.types.missing, weight_g: 'Must be less.' });
    expect(placed.alert).toBe(strings.problems.lookAtFields);
  });

  test('an error without a field of its own is shown at the nearest, or said in the alert', () => {
    const placed = placeInForm(
      problem(['/windows/1/end', 'value_error', 'must be later'], ['', 'value_error', 'give either one']),
      fields('windows/1'),
    );
    expect(placed.fields).toEqual({ 'windows/1': 'Must be later.' });
    expect(placed.alert).toBe(`${strings.problems.lookAtFields} Give either one.`);
  });

  test('a problem without errors is one sentence', () => {
    expect(placeInForm(new Problem(409, 'conflict', 'That is taken.'), fields('name'))).toEqual({
      alert: 'That is taken.',
      fields: {},
    });
  });

  test('says only the first of several errors at one field', () => {
    const placed = placeInForm(problem(['/age', 'a', 'first'], ['/age', 'b', 'second']), fields('age'));
    expect(placed.fields).toEqual({ age: 'First.' });
  });
});
