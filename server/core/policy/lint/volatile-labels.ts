import type { Severity } from './finding.ts';

/** Why a label does not last, and how bad it is to select by it. */
export interface Volatility {
  readonly severity: Severity;
  readonly changes: string;
}

const ROLLOUT: Volatility = { severity: 'error', changes: 'changes with every rollout' };
const RUN: Volatility = { severity: 'warning', changes: 'changes with every run of the job' };
const RELEASE: Volatility = { severity: 'warning', changes: 'changes with every release' };

const LABELS: ReadonlyMap<string, Volatility> = new Map([
  ['pod-template-hash', ROLLOUT],
  ['rollouts-pod-template-hash', ROLLOUT],
  ['controller-revision-hash', ROLLOUT],
  ['pod-template-generation', ROLLOUT],
  ['controller-uid', RUN],
  ['batch.kubernetes.io/controller-uid', RUN],
  ['job-name', RUN],
  ['batch.kubernetes.io/job-name', RUN],
  [
    'statefulset.kubernetes.io/pod-name',
    { severity: 'info', changes: 'is another one for each replica, so that a scale-up is not covered' },
  ],
  [
    'apps.kubernetes.io/pod-index',
    { severity: 'info', changes: 'is another one for each replica, so that a scale-up is not covered' },
  ],
  ['version', { ...RELEASE, severity: 'info', changes: 'usually changes with a release' }],
  ['app.kubernetes.io/version', RELEASE],
  ['helm.sh/chart', RELEASE],
  ['chart', RELEASE],
  ['istio.io/rev', { severity: 'warning', changes: 'changes with every upgrade of the mesh' }],
]);

/** Why a label does not last; undefined for one that nothing is known against. */
export const volatilityOf = (key: string): Volatility | undefined => LABELS.get(key);

/** Labels that a controller puts on pods with values no manifest has. */
export const isMadeByController = (key: string): boolean =>
  /^(?:pod-template-hash|rollouts-pod-template-hash|controller-revision-hash|pod-template-generation)$/.test(
    key,
  ) || /(?:^|\/)(?:controller-uid|job-name)$/.test(key);
