import type { StepResult } from './steps.ts';
import type { KindResult, TestsResult } from './vitest-report.ts';

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`.padStart(9);

const verdict = (passed: boolean): string => (passed ? 'passed' : 'FAILED');

const counts = ({ passed, failed, skipped }: Omit<KindResult, 'kind'>): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** One line for each reason, with how many tests it kept from running. */
function skipLines(skips: TestsResult['skips']): string[] {
  const byReason = Map.groupBy(skips, ({ reason }) => reason);
  return [...byReason].map(([reason, tests]) =>
    reason === undefined
      ? `  FAILED: ${tests.length} skipped without a reason: ${tests.map(({ name }) => name).join('; ')}`
      : `  ${tests.length} skipped: ${reason}`,
  );
}

/**
 * The closing summary; its last line is always `N passed, N failed, N skipped`. A step counts as one, a fault outside
 * the tests as one failure, and so does all that is skipped without saying why.
 */
export function summarize(
  steps: readonly StepResult[],
  tests: TestsResult,
): { readonly lines: readonly string[]; readonly failed: number } {
  const { kinds, faults, skips, elapsedMs } = tests;
  const sum = (field: 'passed' | 'failed' | 'skipped'): number =>
    kinds.reduce((total, kind) => total + kind[field], 0);
  const isSilentSkip = skips.some(({ reason }) => reason === undefined);
  const testsFailed = sum('failed') + faults.length + (isSilentSkip ? 1 : 0);
  const stepsPassed = steps.filter(({ passed }) => passed).length;
  const total = {
    passed: sum('passed') + stepsPassed,
    failed: testsFailed + steps.length - stepsPassed,
    skipped: sum('skipped'),
  };
  const lines = [
    'Summary',
    ...steps.map((step) => `  ${verdict(step.passed)} ${seconds(step.elapsedMs)}  ${step.title}`),
    `  ${verdict(testsFailed === 0)} ${seconds(elapsedMs)}  tests`,
    ...kinds.map((kind) => `${' '.repeat(20)}${kind.kind.padEnd(13)} ${counts(kind)}`),
    ...faults.map((fault) => `  FAILED: ${fault}`),
    ...skipLines(skips),
    counts(total),
  ];
  return { lines, failed: total.failed };
}
