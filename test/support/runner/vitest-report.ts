import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { runTool, timed } from './steps.ts';

/** What is used of vitest's JSON report. */
export interface VitestReport {
  readonly testResults: readonly {
    /** Absolute path of the test file. */
    readonly name: string;
    readonly status: 'passed' | 'failed';
    readonly assertionResults: readonly {
      readonly status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo' | 'disabled';
      readonly fullName: string;
    }[];
  }[];
}

/** The tests of one kind: a folder of test/. */
export interface KindResult {
  readonly kind: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface TestsResult {
  readonly kinds: readonly KindResult[];
  /** Failures that belong to no test: a file that did not load, an error outside any test, no report at all. */
  readonly faults: readonly string[];
  readonly skips: readonly { readonly reason: string | undefined; readonly name: string }[];
  readonly elapsedMs: number;
}

const REASON = /\(skipped: ([^)]+)\)/;

/** Counts a report. `exitedWell` is whether vitest itself ended with exit code 0. */
export function readReport(
  root: string,
  report: VitestReport,
  exitedWell: boolean,
): Omit<TestsResult, 'elapsedMs'> {
  const kinds = new Map<string, KindResult>();
  const faults: string[] = [];
  const skips: { reason: string | undefined; name: string }[] = [];
  for (const file of report.testResults) {
    const path = relative(root, file.name).split(sep).join('/');
    const kind = path.split('/')[1] ?? path;
    const before = kinds.get(kind) ?? { kind, passed: 0, failed: 0, skipped: 0 };
    const passed = file.assertionResults.filter(({ status }) => status === 'passed').length;
    const failed = file.assertionResults.filter(({ status }) => status === 'failed').length;
    const skipped = file.assertionResults.length - passed - failed;
    if (file.status === 'failed' && failed === 0) faults.push(`${path} failed outside its tests`);
    for (const { status, fullName } of file.assertionResults) {
      if (status !== 'passed' && status !== 'failed')
        skips.push({ reason: REASON.exec(fullName)?.[1], name: fullName });
    }
    kinds.set(kind, {
      kind,
      passed: before.passed + passed,
      failed: before.failed + failed,
      skipped: before.skipped + skipped,
    });
  }
  const all = [...kinds.values()];
  const anyFailed = faults.length > 0 || all.some(({ failed }) => failed > 0);
  if (!exitedWell && !anyFailed) faults.push('vitest failed outside the tests: see its output above');
  if (all.every(({ passed, failed }) => passed + failed === 0)) faults.push('no test ran');
  return { kinds: all, faults, skips };
}

/** Runs every vitest project. The report lies in a temporary folder, which the caller removes. */
export async function runTests(root: string): Promise<{ tests: TestsResult; reportFolder: string }> {
  const reportFolder = mkdtempSync(join(tmpdir(), 'bulkhead-test-'));
  const reportFile = join(reportFolder, 'vitest.json');
  const argv = ['run', '--config', 'test/vitest.config.ts', '--reporter=default', '--reporter=json'];
  const { passed, elapsedMs } = await timed('tests (vitest, all projects)', () =>
    runTool(root, 'vitest', [...argv, `--outputFile.json=${reportFile}`]),
  );
  const report: VitestReport = existsSync(reportFile)
    ? (JSON.parse(readFileSync(reportFile, 'utf8')) as VitestReport)
    : { testResults: [] };
  return { tests: { ...readReport(root, report, passed), elapsedMs }, reportFolder };
}
