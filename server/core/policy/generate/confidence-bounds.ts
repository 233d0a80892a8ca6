import { MINUTE_MS } from '#core/flow/time.ts';

const HOUR_MS = 60 * MINUTE_MS;

/** From where on a figure counts; each is a line of docs/concepts/confidence.md, and a test. */
export const CONFIDENCE_BOUNDS = {
  /** Distinct minutes for two points, and for one. */
  manyMinutes: 10,
  someMinutes: 3,
  /** Client pods that make up for a Service nobody addressed. */
  clientPods: 2,
  /** Runs of a job before it counts as known. */
  runs: 3,
  /** Quiet between two runs of a job, and minutes in a row within one. */
  runGapMs: 30 * MINUTE_MS,
  /** Windows in which once an hour, or once a day, is an accident. */
  hourlyFromMs: 6 * HOUR_MS,
  dailyFromMs: 72 * HOUR_MS,
} as const;
