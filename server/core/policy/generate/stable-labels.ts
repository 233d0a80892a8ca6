import { isLabelKey, isLabelValue } from '#core/identity/names.ts';
import type { SeenPod } from '#core/identity/seen-pod.ts';
import { compareText } from '#core/order.ts';

/** Labels that change with a rollout, a pod, a node or a chart's release: a selector on one soon selects nothing. */
const VOLATILE_KEYS: ReadonlySet<string> = new Set([
  'pod-template-hash',
  'pod-template-generation',
  'controller-revision-hash',
  'rollouts-pod-template-hash',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'controller-uid',
  'job-name',
  'helm.sh/chart',
  'chart',
  'heritage',
  'app.kubernetes.io/managed-by',
  'service.istio.io/canonical-revision',
  'istio.io/rev',
]);

const VOLATILE_PREFIXES = [
  'batch.kubernetes.io/',
  'security.istio.io/',
  'sidecar.istio.io/',
  'topology.kubernetes.io/',
  'topology.istio.io/',
  'failure-domain.beta.kubernetes.io/',
  'io.cilium.k8s.policy.',
  'io.kubernetes.pod.',
] as const;

/** Labels in which a release names itself: stable only until the next one. */
const VERSION_KEYS: ReadonlySet<string> = new Set(['version', 'app.kubernetes.io/version']);

/** Labels that name an application, the most deliberate first. */
const NAMING_KEYS: readonly string[] = [
  'app.kubernetes.io/name',
  'app.kubernetes.io/instance',
  'app',
  'k8s-app',
  'name',
  'service.istio.io/canonical-name',
];

/** Labels that name a part of an application: worth little without its name. */
const PART_KEYS: readonly string[] = ['app.kubernetes.io/component', 'component'];

/** Any other label comes after these. */
const PREFERRED_KEYS: readonly string[] = [...NAMING_KEYS, ...PART_KEYS];

/** True for a label on the list of those that do not last. */
export const isVolatileKey = (key: string): boolean =>
  VOLATILE_KEYS.has(key) || VOLATILE_PREFIXES.some((prefix) => key.startsWith(prefix));

/** True for a label that tells releases apart. */
export const isVersionKey = (key: string): boolean => VERSION_KEYS.has(key);

/** True for a label that by convention names an application. */
export const isNamingKey = (key: string): boolean => NAMING_KEYS.includes(key);

/** True for a label that by convention names an application or a part of one. */
export const isPreferredKey = (key: string): boolean => PREFERRED_KEYS.some((preferred) => preferred === key);

export type Label = readonly [key: string, value: string];

function rankOf(key: string): number {
  const at = PREFERRED_KEYS.indexOf(key);
  if (at !== -1) return at;
  return isVersionKey(key) ? PREFERRED_KEYS.length + 1 : PREFERRED_KEYS.length;
}

const byPreference = ([a]: Label, [b]: Label): number => rankOf(a) - rankOf(b) || compareText(a, b);

/**
 * Labels that every row of the workload carries with one value, that a selector may name, and that are on no list of
 * volatile ones; the most deliberate first.
 */
export function stableLabels(rows: readonly SeenPod[]): readonly Label[] {
  const [first, ...rest] = rows;
  if (first === undefined) return [];
  return [...first.labels]
    .filter(([key, value]) => isLabelKey(key) && isLabelValue(value) && !isVolatileKey(key))
    .filter(([key, value]) => rest.every((row) => row.labels.get(key) === value))
    .sort(byPreference);
}

/** Labels by which an application names itself, with more than one value among the rows of one workload. */
export function conflictingKeys(rows: readonly SeenPod[]): readonly string[] {
  return NAMING_KEYS.filter((key) => {
    const values = new Set(rows.map((row) => row.labels.get(key)).filter((value) => value !== undefined));
    return values.size > 1;
  });
}
