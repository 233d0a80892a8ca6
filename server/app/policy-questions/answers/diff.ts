import { formatInstant } from '#core/flow/time.ts';
import type { ObjectSource, WorkloadName } from '#core/policy/cluster/cluster-model.ts';
import type { ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { describeEnd } from '#core/policy/connections/connectivity.ts';
import { describePorts, portSetKey } from '#core/policy/connections/port-set.ts';
import {
  CHANGE_CLASSES,
  type ChangeClass,
  type ChangeReason,
  type ChangeTraffic,
  type ConnectionChange,
  type DirectionSaid,
  type Openness,
  type WeighedChange,
} from '#core/policy/diff/connection-change.ts';
import type { Observed } from '#core/policy/diff/observed.ts';
import type { PolicyChange } from '#core/policy/diff/policy-changes.ts';
import { mainClassOf, type PolicyDiff } from '#core/policy/diff/policy-diff.ts';
import type { PolicyDirection } from '#core/policy/literal/verdict.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { BlockedEdge } from '#core/policy/replay/blocked-edge.ts';
import type { CniProfile } from '#core/policy/world.ts';
import type { NamedText } from '../../ports/manifest-tools.ts';
import { namedPolicy, placedName, ruleText, type Sources, toldProblems } from '../placed-policies.ts';
import { notesOf, rowsIn } from './connections.ts';
import { plainEnd } from './plain-end.ts';

/** One policy that is not the same on both sides, and the unified diff of its YAML. */
export interface ShownPolicy {
  readonly change: PolicyChange;
  readonly yaml: string;
}

/** Everything that was found between two sets of policies. */
export interface DiffShown {
  /** The two sides as the user named them. */
  readonly names: { readonly old: string; readonly new: string };
  readonly diff: PolicyDiff;
  readonly policies: readonly ShownPolicy[];
  readonly profile: CniProfile;
  readonly sources: { readonly old: Sources; readonly new: Sources };
  readonly failOn: FailOn;
  /** Events that the source lost: what they would have shown is not in the flows. */
  readonly lostEvents: bigint;
  readonly notes: readonly string[];
  readonly problems: { readonly old: readonly ManifestProblem[]; readonly new: readonly ManifestProblem[] };
}

/** Prints a policy as YAML, and tells two texts apart. */
export interface YamlTools {
  print(policy: NetworkPolicy): string;
  textDiff(before: NamedText, after: NamedText): string;
}

/** One policy that differs, with the unified diff of its YAML. */
export function yamlDiffOf(
  change: PolicyChange,
  sources: { readonly old: Sources; readonly new: Sources },
  tools: YamlTools,
): string {
  const named = (placed: PolicyChange['before'], own: Sources) =>
    placed === undefined
      ? { name: '/dev/null', text: '' }
      : { name: placedName(placed.policy, own), text: tools.print(placed.policy) };
  return tools.textDiff(named(change.before, sources.old), named(change.after, sources.new));
}

/** What counts as a failure. */
export type FailOn = 'any' | ReadonlySet<ChangeClass>;

/** Only what touches the namespaces asked for; all of it when none is. */
export function narrowedDiff(diff: PolicyDiff, wanted: ReadonlySet<string>): PolicyDiff {
  if (wanted.size === 0) return diff;
  const { workloads } = diff;
  return {
    ...diff,
    changes: rowsIn(diff.changes, wanted),
    policies: diff.policies.filter(({ id }) => wanted.has(id.split('/')[0] ?? '')),
    workloads: {
      added: workloads.added.filter(({ namespace }) => wanted.has(namespace)),
      gone: workloads.gone.filter(({ namespace }) => wanted.has(namespace)),
    },
  };
}

/** What a reader of either side's list must know. */
export function diffNotes({ worlds, rows }: PolicyDiff, profile: CniProfile): readonly string[] {
  const own = (which: 'old' | 'new'): readonly string[] =>
    notesOf({ ...worlds[which].model, otherKinds: [] }, rows[which], profile);
  return [...new Set([...own('old'), ...own('new')])];
}

/** How many changes have each meaning; one that has two is in both. */
export function totalsOf({ changes, otherBreaks }: PolicyDiff): Readonly<Record<ChangeClass, number>> {
  const count = (wanted: ChangeClass): number =>
    changes.filter(({ classes }) => classes.includes(wanted)).length;
  return {
    'breaks-observed': count('breaks-observed') + otherBreaks.length,
    widened: count('widened'),
    tightened: count('tightened'),
    neutral: count('neutral'),
  };
}

/** True when something happened that the user does not want. */
export function isFailed({ diff, failOn }: Pick<DiffShown, 'diff' | 'failOn'>): boolean {
  const totals = totalsOf(diff);
  return CHANGE_CLASSES.some((each) => totals[each] > 0 && (failOn === 'any' || failOn.has(each)));
}

function opennessText({ ports, onlySomePods }: Openness): string {
  if (onlySomePods.length === 0) return describePorts(ports);
  const isAll = portSetKey(ports) === portSetKey(onlySomePods);
  const which = isAll
    ? 'only some of their pods'
    : `only some of their pods on ${describePorts(onlySomePods)}`;
  return `${describePorts(ports)} (${which})`;
}

/** `shop/cart[Deployment] => shop/db[StatefulSet]`. */
export const endsText = ({ from, to }: ConnectionChange): string =>
  `${describeEnd(from)} => ${describeEnd(to)}`;

/** `TCP 5432 -> TCP 5432,9090`. */
export const portsText = ({ before, after }: ConnectionChange): string =>
  `${opennessText(before)} -> ${opennessText(after)}`;

function saidAnswer(said: DirectionSaid | undefined, direction: PolicyDirection, sources: Sources) {
  if (said === undefined) return undefined;
  return {
    decision: said.decision,
    isolatedBy: said.isolatedBy.map((policy) => namedPolicy(policy, sources)),
    allowedBy: said.allowedBy.map(({ policy, rule }) => ({
      ...namedPolicy(policy, sources),
      rule,
      text: ruleText({ policy, direction, rule }, sources),
    })),
  };
}

const reasonAnswer = ({ effect, ports, directions }: ChangeReason, { sources }: DiffShown) => ({
  effect,
  ports,
  directions: directions.map(({ direction, before, after }) => ({
    direction,
    old: saidAnswer(before, direction, sources.old),
    new: saidAnswer(after, direction, sources.new),
  })),
});

const trafficAnswer = (traffic: ChangeTraffic | undefined) =>
  traffic && {
    ...traffic,
    lastSeenAt: traffic.lastSeenAt === undefined ? undefined : formatInstant(traffic.lastSeenAt),
  };

const changeAnswer = (change: WeighedChange, shown: DiffShown) => ({
  line: `${endsText(change)} : ${portsText(change)}`,
  class: mainClassOf(change),
  classes: change.classes,
  kind: change.kind,
  from: plainEnd(change.from),
  to: plainEnd(change.to),
  before: change.before,
  after: change.after,
  opened: change.opened,
  closed: change.closed,
  traffic: trafficAnswer(change.traffic),
  reasons: change.reasons.map((reason) => reasonAnswer(reason, shown)),
  unexplained: change.unexplained,
});

const breakAnswer = (blocked: BlockedEdge, sources: Sources) => ({
  line: blocked.line,
  conversations: blocked.conversations,
  extent: blocked.extent,
  lastSeenAt: formatInstant(blocked.lastSeenAt),
  fromExamples: blocked.fromExamples,
  toExamples: blocked.toExamples,
  sides: blocked.sides.map(({ direction, isolatedBy, missing }) => ({
    direction,
    isolatedBy: isolatedBy.map((policy) => namedPolicy(policy, sources)),
    missing,
  })),
});

const observedAnswer = (observed: Observed | undefined, sources: Sources) =>
  observed && { ...observed, breaks: observed.breaks.map((each) => breakAnswer(each, sources)) };

const workloadAnswer = ({ namespace, kind, name }: WorkloadName) => ({ namespace, kind, name });

const sourceText = (source: ObjectSource | undefined): string | undefined =>
  source && `${source.file}:${source.line}`;

/** The answer as plain data, the same for a command and for the API: everything, nothing cut. */
export function diffAnswer(shown: DiffShown) {
  const { diff, names, profile, policies, sources, failOn, lostEvents, notes, problems } = shown;
  return {
    old: names.old,
    new: names.new,
    profile: profile.name,
    totals: totalsOf(diff),
    failOn: failOn === 'any' ? ('any' as const) : [...failOn],
    failed: isFailed(shown),
    connections: { old: diff.rows.old.length, new: diff.rows.new.length },
    changes: diff.changes.map((change) => changeAnswer(change, shown)),
    otherBreaks: diff.otherBreaks.map((each) => breakAnswer(each, sources.new)),
    workloads: {
      added: diff.workloads.added.map(workloadAnswer),
      gone: diff.workloads.gone.map(workloadAnswer),
    },
    policies: policies.map(({ change, yaml }) => ({
      policy: change.id,
      kind: change.kind,
      old: sourceText(change.before?.source),
      new: sourceText(change.after?.source),
      yaml,
    })),
    observed: observedAnswer(diff.observed, sources.new),
    lostEvents: String(lostEvents),
    notes,
    problems: { old: toldProblems(problems.old), new: toldProblems(problems.new) },
  };
}
