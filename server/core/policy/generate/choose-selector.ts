import type { WorkloadId } from '#core/identity/peer.ts';
import type { SeenPod } from '#core/identity/seen-pod.ts';
import { compareText, sortedText } from '#core/order.ts';
import type { LabelSelector } from '../network-policy.ts';
import { labelPatch } from './label-patch.ts';
import { isNamingKey, isPreferredKey, isVersionKey, type Label, stableLabels } from './stable-labels.ts';

/** How a workload's pods can be selected within their namespace. */
export type SelectorChoice =
  | {
      readonly kind: 'selector';
      readonly selector: LabelSelector;
      /** Labels of a release that had to be used, since nothing else tells it from one that runs beside it. */
      readonly versionKeys: readonly string[];
      /** Other workloads of the namespace that the same labels select; none when the selector is exact. */
      readonly collidesWith: readonly WorkloadId[];
      /** A label for the pod template that would end the collision; absent without one, or when none is free. */
      readonly patch?: Label;
    }
  | { readonly kind: 'none' };

/** Sets of three labels are the largest that are searched one by one; beyond that labels are taken away greedily. */
const LARGEST_SEARCH = 3;
/** Labels beyond these are only used together: a pod with a hundred labels must not cost a hundred thousand tries. */
const MOST_SEARCHED = 16;

const matches = (labels: readonly Label[], pod: SeenPod): boolean =>
  labels.every(([key, value]) => pod.labels.get(key) === value);

/** What a selector is checked against. */
interface Search {
  /** Pods it must not match. */
  readonly others: readonly SeenPod[];
  /** It must hold one of these: `version: v3` alone would select whatever else comes to be at its third version. */
  readonly anchors: readonly Label[];
}

const isExact = (labels: readonly Label[], { others, anchors }: Search): boolean =>
  labels.some((label) => anchors.includes(label)) && !others.some((pod) => matches(labels, pod));

/** All ways to pick `size` labels, in order of preference. */
function* picks(labels: readonly Label[], size: number, start = 0): Generator<readonly Label[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let at = start; at <= labels.length - size; at += 1) {
    const label = labels[at];
    if (label === undefined) return;
    for (const rest of picks(labels, size - 1, at + 1)) yield [label, ...rest];
  }
}

/** The smallest exact set, the first in order of preference. */
function smallestExact(labels: readonly Label[], search: Search): readonly Label[] | undefined {
  for (let size = 1; size <= Math.min(LARGEST_SEARCH, labels.length); size += 1) {
    for (const pick of picks(labels.slice(0, MOST_SEARCHED), size)) if (isExact(pick, search)) return pick;
  }
  return labels.length > LARGEST_SEARCH && isExact(labels, search)
    ? withoutNeedless(labels, search)
    : undefined;
}

/** Takes away labels, the least deliberate first, as long as an anchor stays and no other pod is matched than before. */
function withoutNeedless(labels: readonly Label[], { others, anchors }: Search): readonly Label[] {
  const count = (set: readonly Label[]): number => others.filter((pod) => matches(set, pod)).length;
  const least = count(labels);
  return [...labels].reverse().reduce<readonly Label[]>((kept, label) => {
    const fewer = kept.filter((each) => each !== label);
    return fewer.some((each) => anchors.includes(each)) && count(fewer) === least ? fewer : kept;
  }, labels);
}

/** The labels that say most: names of applications, else whatever lasts, else what there is. */
function anchorsOf(labels: readonly Label[]): readonly Label[] {
  const naming = labels.filter(([key]) => isNamingKey(key));
  if (naming.length > 0) return naming;
  const lasting = labels.filter(([key]) => !isVersionKey(key));
  return lasting.length > 0 ? lasting : labels;
}

/**
 * Labels of the controller's own selector, which can not change while it lives and which a person chose to tell it from
 * others: they need no name among them.
 */
function immutableLabels(
  labels: readonly Label[],
  { others }: Search,
  selectorKeys: ReadonlySet<string>,
): readonly Label[] | undefined {
  const own = labels.filter(([key]) => selectorKeys.has(key));
  return smallestExact(own, { others, anchors: own });
}

/** Names by convention before any other label, and labels of a release only when nothing else will do. */
function exactLabels(labels: readonly Label[], search: Search): readonly Label[] | undefined {
  const lasting = labels.filter(([key]) => !isVersionKey(key));
  const preferred = lasting.filter(([key]) => isPreferredKey(key));
  return smallestExact(preferred, search) ?? smallestExact(lasting, search) ?? smallestExact(labels, search);
}

const selectorOf = (labels: readonly Label[]): LabelSelector => ({
  matchLabels: Object.fromEntries([...labels].sort(([a], [b]) => compareText(a, b))),
});

const NO_KEYS: ReadonlySet<string> = new Set();

/**
 * The selector for one workload, checked against every other pod that was seen in its namespace: the smallest set of
 * labels that matches its pods and no others, of the controller's own selector where its keys are known.
 */
export function chooseSelector(
  rows: readonly SeenPod[],
  others: readonly SeenPod[],
  selectorKeys: ReadonlySet<string> = NO_KEYS,
): SelectorChoice {
  const stable = stableLabels(rows);
  if (stable.length === 0) return { kind: 'none' };
  const search: Search = { others, anchors: anchorsOf(stable) };
  const exact = immutableLabels(stable, search, selectorKeys) ?? exactLabels(stable, search);
  const labels = exact ?? withoutNeedless(stable, search);
  const collisions = others.filter((pod) => matches(labels, pod)).map((pod) => pod.workload);
  const [first] = rows;
  const patch =
    collisions.length === 0 || first === undefined ? undefined : labelPatch(first.workload, rows, others);
  return {
    kind: 'selector',
    selector: selectorOf(labels),
    versionKeys: labels.map(([key]) => key).filter(isVersionKey),
    collidesWith: sortedText(new Set(collisions)),
    ...(patch === undefined ? {} : { patch }),
  };
}
