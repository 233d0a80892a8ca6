import { expect, test } from 'vitest';
import { summarize } from '../../support/runner/summary.ts';
import { readReport, type VitestReport } from '../../support/runner/vitest-report.ts';

const STEPS = [
  { title: 'types', passed: true, elapsedMs: 1700 },
  { title: 'lint', passed: true, elapsedMs: 1300 },
];

type File = VitestReport['testResults'][number];
const file = (name: string, ...assertionResults: File['assertionResults']): File => ({
  name: `/repo/test/${name}`,
  status: assertionResults.some(({ status }) => status === 'failed') ? 'failed' : 'passed',
  assertionResults,
});
const passed = { status: 'passed', fullName: 'a promise' } as const;
const failed = { status: 'failed', fullName: 'another promise' } as const;

const close = (report: VitestReport, exitedWell: boolean, steps = STEPS) =>
  summarize(steps, { ...readReport('/repo', report, exitedWell), elapsedMs: 2500 });

test('the last line counts tests and steps together', () => {
  const report = {
    testResults: [file('unit/a.test.ts', passed, passed), file('property/b.test.ts', passed)],
  };
  const { lines, failed: failures } = close(report, true);
  expect(lines.at(-1)).toBe('5 passed, 0 failed, 0 skipped');
  expect(lines).toContain('  passed     1.7 s  types');
  expect(failures).toBe(0);
});

test('a failed test and a failed step are one failure each', () => {
  const steps = [...STEPS, { title: 'web build', passed: false, elapsedMs: 10 }];
  const { lines } = close({ testResults: [file('unit/a.test.ts', passed, failed)] }, false, steps);
  expect(lines.at(-1)).toBe('3 passed, 2 failed, 0 skipped');
  expect(lines).toContain('  FAILED     0.0 s  web build');
});

test('a test file that does not load is a failure although none of its tests failed', () => {
  const broken: File = { name: '/repo/test/unit/a.test.ts', status: 'failed', assertionResults: [] };
  const { lines, failed: failures } = close({ testResults: [broken, file('unit/b.test.ts', passed)] }, false);
  expect(lines).toContain('  FAILED: test/unit/a.test.ts failed outside its tests');
  expect(failures).toBe(1);
});

test('an error outside any test file is a failure', () => {
  expect(close({ testResults: [file('unit/a.test.ts', passed)] }, false).failed).toBe(1);
});

test('a run without any test is a failure', () => {
  expect(close({ testResults: [] }, true).failed).toBe(1);
});

test('skipped tests are listed once for each reason', () => {
  const skipped = (fullName: string) => ({ status: 'skipped', fullName }) as const;
  const report = {
    testResults: [
      file('contract/a.test.ts', passed, skipped('suite (skipped: no recordings) one'), skipped('x')),
      file('contract/b.test.ts', skipped('suite (skipped: no recordings) two')),
    ],
  };
  const { lines, failed: failures } = close(report, true);
  expect(lines).toContain('  2 skipped: no recordings');
  expect(lines).toContain('  FAILED: 1 skipped without a reason: x');
  expect(lines.at(-1)).toBe('3 passed, 1 failed, 3 skipped');
  expect(failures).toBe(1);
});
