import { strings } from '../strings';

export interface ProblemError {
  pointer: string;
  type: string;
  detail: string;
}

/** What went wrong with a request, in words for people. Status 0 means that no answer came at all. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: ProblemError[];

  constructor(status: number, code: string, message: string, errors: ProblemError[] = []) {
    super(message);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

/** Turns whatever a failed request left behind into a Problem. */
export function toProblem(error: unknown, response?: Response): Problem {
  if (error instanceof Problem) {
    return error;
  }
  if (!response) {
    return new Problem(0, 'unreachable', strings.problems.unreachable);
  }
  const document = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  const code = typeof document.code === 'string' ? document.code : `http_${response.status}`;
  return new Problem(response.status, code, sentence(code, document, response), errorList(document.errors));
}

function sentence(code: string, document: Record<string, unknown>, response: Response): string {
  const ours = strings.problems.codes[code];
  if (ours) {
    return ours;
  }
  const said = document.detail ?? document.title;
  if (typeof said === 'string') {
    return /[.!?]$/.test(said) ? said : `${said}.`;
  }
  return response.status === 429 ? strings.problems.tooMany : strings.problems.unknown;
}

function errorList(value: unknown): ProblemError[] {
  if (!Array.isArray(value)) {
    return [];
  }
  return value.map((each) => ({
    pointer: String(each?.pointer ?? ''),
    type: String(each?.type ?? ''),
    detail: String(each?.detail ?? ''),
  }));
}

export interface FormProblem {
  /** What to say in the form's alert. */
  alert: string;
  /** What to say at each field, by the field's name. */
  fields: Record<string, string>;
}

/**
 * Sorts a problem into a form. A field's name is its JSON pointer without the first slash; what points at no
 * field of the form is said in the alert, so that nothing is swallowed.
 */
export function placeInForm(problem: Problem, hasField: (name: string) => boolean): FormProblem {
  const fields: Record<string, string> = {};
  const elsewhere: string[] = [];
  for (const error of problem.errors) {
    const name = nearestField(error.pointer, hasField);
    const text = explain(error);
    if (name === null) {
      elsewhere.push(text);
    } else {
      fields[name] ??= text;
    }
  }
  const lead = Object.keys(fields).length > 0 ? strings.problems.lookAtFields : problem.message;
  return { alert: [lead, ...elsewhere].join(' '), fields };
}

/** `/windows/2/start` may have a field of its own, or be shown at `windows/2` or `windows`. */
function nearestField(pointer: string, hasField: (name: string) => boolean): string | null {
  let name = pointer.replace(/^\//, '').replaceAll('~1', '/').replaceAll('~0', '~');
  while (name !== '') {
    if (hasField(name)) {
      return name;
    }
    name = name.slice(0, Math.max(0, name.lastIndexOf('/')));
  }
  return null;
}

function explain(error: ProblemError): string {
  const ours = strings.problems.types[error.type];
  if (ours) {
    return ours;
  }
  const text = error.detail.charAt(0).toUpperCase() + error.detail.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
