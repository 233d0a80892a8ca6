import { joinedSpans } from '../blast/outside.ts';
import { portSetKey } from '../connections/port-set.ts';
import type { AddressSpan } from '../fast/address-axis.ts';
import type { PolicyDirection } from '../literal/verdict.ts';
import type { Opening, OpenTarget } from './openings.ts';
import { joinedReasons } from './rules-between.ts';

/** What one workload has open to several atoms of addresses alike. */
interface Alike {
  readonly direction: PolicyDirection;
  readonly target: OpenTarget;
  readonly atoms: { readonly key: string; readonly spans: readonly AddressSpan[] }[];
}

function alikeOf(openings: readonly Opening[]): readonly Alike[] {
  const alike = new Map<string, Alike>();
  for (const { direction, who, targets } of openings) {
    if (who.kind !== 'outside') continue;
    for (const target of targets) {
      const key = `${direction} ${target.workload} ${portSetKey(target.ports)}`;
      const known = alike.get(key) ?? { direction, target, atoms: [] };
      const reason = joinedReasons([known.target.reason, target.reason]);
      alike.set(key, { ...known, target: { ...target, reason } });
      known.atoms.push({ key: String(who.spans[0]?.first), spans: who.spans });
    }
  }
  return [...alike.values()];
}

/** Openings to single atoms of addresses as openings to ranges: what is open to the same addresses stands together. */
export function mergedOutside(openings: readonly Opening[], atoms: number): readonly Opening[] {
  const groups = new Map<string, Opening & { readonly targets: OpenTarget[] }>();
  for (const { direction, target, atoms: own } of alikeOf(openings)) {
    const key = `${direction} ${own.map((each) => each.key).join()}`;
    const spans = joinedSpans(own.flatMap((each) => each.spans));
    const who = { kind: 'outside' as const, isAnywhere: own.length === atoms, spans };
    const group = groups.get(key) ?? { direction, who, targets: [] };
    groups.set(key, group);
    group.targets.push(target);
  }
  return [...groups.values()];
}
