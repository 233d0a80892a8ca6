import { isLabelValue } from '#core/identity/names.ts';
import { parseWorkloadId, type WorkloadId } from '#core/identity/peer.ts';
import type { SeenPod } from '#core/identity/seen-pod.ts';
import type { Label } from './stable-labels.ts';

/** Keys under which a pod template may say which workload it is of, the most conventional first. */
const KEYS = [
  'app.kubernetes.io/name',
  'app.kubernetes.io/component',
  'app.kubernetes.io/instance',
  'workload',
] as const;

const asLabel = (key: string, value: string): Label | undefined =>
  isLabelValue(value) ? [key, value] : undefined;

/**
 * A label for the pod template that would tell its pods from all others. The key must be new to them: a label that is
 * there may be part of the controller's selector, which can not change. Undefined when every key is taken.
 */
export function labelPatch(
  workload: WorkloadId,
  rows: readonly SeenPod[],
  others: readonly SeenPod[],
): Label | undefined {
  const { name, kind } = parseWorkloadId(workload);
  const key = KEYS.find((each) => !rows.some(({ labels }) => labels.has(each)));
  if (key === undefined) return undefined;
  const isTaken = (value: string): boolean => others.some(({ labels }) => labels.get(key) === value);
  const value = [name, `${name}-${kind.toLowerCase()}`].find((each) => !isTaken(each));
  return value === undefined ? undefined : asLabel(key, value);
}
