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

type File = VitestReport['testResults'][number];

const count = (file: File, isCounted: (status: string) => boolean): number =>
  file.assertionResults.filter(({ status }) => isCounted(status)).length;

const isSkip = (status: string): boolean => status !== 'passed' && status !== 'failed';

function countFiles(kind: string, files: readonly File[]): KindResult {
  const sum = (isCounted: (status: string) => boolean): number =>
    files.reduce((total, file) => total + count(file, isCounted), 0);
  return {
    kind,
    passed: sum((status) => status === 'passed'),
    failed: sum((status) => status === 'failed'),
    skipped: sum(isSkip),
  };
}

/** Counts a report. `exitedWell` is whether vitest itself ended with exit code 0. */
export function readReport(
  root: string,
  report: VitestReport,
  exitedWell: boolean,
): Omit<TestsResult, 'elapsedMs'> {
  const pathOf = (file: File): string => relative(root, file.name).split(sep).join('/');
  const byKind = Map.groupBy(report.testResults, (file) => pathOf(file).split('/')[1] ?? 'other');
  const kinds = [...byKind].map(([kind, files]) => countFiles(kind, files));
  const faults = report.testResults
    .filter((file) => file.status === 'failed' && count(file, (status) => status === 'failed') === 0)
    .map((file) => `${pathOf(file)} failed outside its tests`);
  const anyFailed = faults.length > 0 || kinds.some(({ failed }) => failed > 0);
  if (!exitedWell && !anyFailed) faults.push('vitest failed outside the tests: see its output above');
  if (kinds.every(({ passed, failed }) => passed + failed === 0)) faults.push('no test ran');
  const skips = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => isSkip(status))
    .map(({ fullName }) => ({ reason: REASON.exec(fullName)?.[1], name: fullName }));
  return { kinds, faults, skips };
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
