import type { Problem } from '#contract/problem.ts';
import { PROBLEMS, type ProblemCode } from './codes.ts';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

interface ProblemDetails {
  /** A sentence of ours; text from outside goes through {@link quoted} first. */
  readonly detail?: string;
  /** The field that was wrong. */
  readonly at?: string;
  /** Lines about it that may quote what was sent. */
  readonly lines?: readonly string[];
}

/** Lines of one problem; the others are left out. */
const MOST_LINES = 20;

/** Printable ASCII in quotes, at most 80 characters of it: text from outside can not pass for ours. */
export function quoted(text: string): string {
  const cut = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  const safe = cut.replace(/[^\x20-\x7e]|["\\]/gu, (character) =>
    character === '…' ? '...' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return `"${safe}"`;
}

/** The answer for a code. */
export function problemBody(code: ProblemCode, { detail, at, lines = [] }: ProblemDetails = {}): Problem {
  const [status, title, usual] = PROBLEMS[code];
  const body = { type: `urn:bulkhead:error:${code}`, title, status, detail: detail ?? usual, code };
  return {
    ...body,
    ...(at === undefined ? {} : { at }),
    ...(lines.length === 0 ? {} : { lines: lines.slice(0, MOST_LINES) }),
  };
}

/** Thrown by a route to answer with a problem; everything else that is thrown is a fault and says nothing. */
export class HttpProblem extends Error {
  readonly body: Problem;

  constructor(code: ProblemCode, details: ProblemDetails = {}) {
    super(code);
    this.name = 'HttpProblem';
    this.body = problemBody(code, details);
  }
}
