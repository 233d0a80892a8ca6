import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { canFetchHelm, FETCHED_HELM, fetchHelm } from './fetch-helm.ts';
import { type Manifest, manifestsIn } from './manifests.ts';

const CHART = join(import.meta.dirname, '../../deploy/helm/bulkhead');

const isOnPath = (): boolean => spawnSync('helm', ['version'], { stdio: 'ignore' }).status === 0;

function findHelm(): string | undefined {
  if (isOnPath()) return 'helm';
  if (existsSync(FETCHED_HELM)) return FETCHED_HELM;
  return process.env['CI'] === 'true' && canFetchHelm ? fetchHelm() : undefined;
}

/** The helm to run; undefined when there is none. Continuous integration fetches one. */
export const helm = findHelm();

/** Appended to a suite's name, so that a skip says why. */
export const skippedWithoutHelm =
  helm === undefined
    ? ' (skipped: no helm on the PATH; `npx --no-install node test/support/fetch-helm.ts` fetches one)'
    : '';

/** What the command line of helm answers about our chart. */
export function runHelm(...argv: readonly string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(helm ?? 'helm', [...argv], { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

/** The chart with some values (`a.b=c`), as release `bulkhead` in namespace `bulkhead`. Throws when helm refuses. */
export function rendered(values: readonly string[], ...argv: readonly string[]): readonly Manifest[] {
  const sets = values.flatMap((value) => ['--set', value]);
  const all = ['template', 'bulkhead', CHART, '--namespace', 'bulkhead', ...sets, ...argv];
  return manifestsIn(execFileSync(helm ?? 'helm', all, { encoding: 'utf8' })).filter((each) => each !== null);
}

/** What helm says when it refuses these values. */
export function refusal(values: readonly string[], ...argv: readonly string[]): string {
  const sets = values.flatMap((value) => ['--set', value]);
  const { code, err } = runHelm('template', 'bulkhead', CHART, ...sets, ...argv);
  if (code === 0) throw new Error(`helm takes ${values.join(' ')}`);
  return err;
}

/** Helm's own check of the chart, warnings counted as faults. */
export const lintChart = () => runHelm('lint', '--strict', CHART);
