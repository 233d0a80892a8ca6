import type { Path } from '#core/policy/segments/check-segments.ts';
import type { Step, StepSide } from '#core/policy/segments/judged-path.ts';

/** Steps that differ in their ends alone, told as one. */
export interface StepGroup {
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** Speaks for all of them but for its ends. */
  readonly step: Step;
}

const sideKey = ({ decisions, allowedBy, isolatedBy }: StepSide, ids: Map<object, number>): unknown => {
  const idOf = (policy: object): number => {
    const id = ids.get(policy) ?? ids.size;
    ids.set(policy, id);
    return id;
  };
  // Whether a policy could isolate them makes no difference where none does.
  const isFree = decisions.every((decision) => decision === 'open' || decision === 'ungoverned');
  if (isFree) return 'free';
  return [decisions, allowedBy.map(({ policy, rule }) => [idOf(policy), rule]), isolatedBy.map(idOf)];
};

function merged(groups: readonly StepGroup[], keyOf: (group: StepGroup) => string): readonly StepGroup[] {
  const found = new Map<string, { from: Set<string>; to: Set<string>; step: Step }>();
  for (const group of groups) {
    const key = keyOf(group);
    const known = found.get(key) ?? { from: new Set(), to: new Set(), step: group.step };
    found.set(key, known);
    for (const name of group.from) known.from.add(name);
    for (const name of group.to) known.to.add(name);
  }
  return [...found.values()].map(({ from, to, step }) => ({ from: [...from], to: [...to], step }));
}

/**
 * Direct paths with the same ports and the same rules to blame: all senders of one target are one group, and then all
 * targets with the same senders.
 */
export function groupedSteps(paths: readonly Path[]): readonly StepGroup[] {
  const ids = new Map<object, number>();
  const blame = ({ ports, reason, egress, ingress }: Step): unknown => [
    ports,
    reason,
    sideKey(egress, ids),
    sideKey(ingress, ids),
  ];
  const single = paths.flatMap((path) => {
    const [step] = path;
    return step === undefined || path.length > 1 ? [] : [{ from: [step.from], to: [step.to], step }];
  });
  const bySender = merged(single, ({ to, step }) => JSON.stringify([to, blame(step)]));
  return merged(bySender, ({ from, step }) => JSON.stringify([from, blame(step)]));
}
