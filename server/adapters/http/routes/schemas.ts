import { Problem } from '#contract/problem.ts';

/** Every route may answer with a problem; the document says so once per route. */
export const PROBLEM_ANSWERS = { '4xx': Problem, '5xx': Problem } as const;
