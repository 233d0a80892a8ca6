import { formatInstant } from '#core/flow/time.ts';
import type { ObjectSource, WorkloadName } from '#core/policy/cluster/cluster-model.ts';
import { describeManifestProblem, type ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import type {
  ChangeReason,
  ChangeTraffic,
  DirectionSaid,
  WeighedChange,
} from '#core/policy/diff/connection-change.ts';
import type { Observed } from '#core/policy/diff/observed.ts';
import { mainClassOf } from '#core/policy/diff/policy-diff.ts';
import type { PolicyDirection } from '#core/policy/literal/verdict.ts';
import type { BlockedEdge } from '#core/policy/replay/blocked-edge.ts';
import { plainEnd } from './connections-format.ts';
import { type DiffShown, endsText, isFailed, portsText, totalsOf } from './diff-format-words.ts';
import { policyName, ruleText, type Sources } from './policy-folder.ts';
import { jsonText } from './terminal.ts';

function saidJson(said: DirectionSaid | undefined, direction: PolicyDirection, sources: Sources) {
  if (said === undefined) return undefined;
  return {
    decision: said.decision,
    isolatedBy: said.isolatedBy.map((policy) => ({
      policy: policyName(policy),
      source: sources.get(policy),
    })),
    allowedBy: said.allowedBy.map(({ policy, rule }) => ({
      policy: policyName(policy),
      source: sources.get(policy),
      rule,
      text: ruleText({ policy, direction, rule }, sources),
    })),
  };
}

const reasonJson = ({ effect, ports, directions }: ChangeReason, { sources }: DiffShown) => ({
  effect,
  ports,
  directions: directions.map(({ direction, before, after }) => ({
    direction,
    old: saidJson(before, direction, sources.old),
    new: saidJson(after, direction, sources.new),
  })),
});

const trafficJson = (traffic: ChangeTraffic | undefined) =>
  traffic && {
    ...traffic,
    lastSeenAt: traffic.lastSeenAt === undefined ? undefined : formatInstant(traffic.lastSeenAt),
  };

const changeJson = (change: WeighedChange, shown: DiffShown) => ({
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
  traffic: trafficJson(change.traffic),
  reasons: change.reasons.map((reason) => reasonJson(reason, shown)),
  unexplained: change.unexplained,
});

const breakJson = (blocked: BlockedEdge, sources: Sources) => ({
  line: blocked.line,
  conversations: blocked.conversations,
  extent: blocked.extent,
  lastSeenAt: formatInstant(blocked.lastSeenAt),
  fromExamples: blocked.fromExamples,
  toExamples: blocked.toExamples,
  sides: blocked.sides.map(({ direction, isolatedBy, missing }) => ({
    direction,
    isolatedBy: isolatedBy.map((policy) => ({ policy: policyName(policy), source: sources.get(policy) })),
    missing,
  })),
});

const observedJson = (observed: Observed | undefined, sources: Sources) =>
  observed && { ...observed, breaks: observed.breaks.map((each) => breakJson(each, sources)) };

const workloadJson = ({ namespace, kind, name }: WorkloadName) => ({ namespace, kind, name });

const sourceText = (source: ObjectSource | undefined): string | undefined =>
  source && `${source.file}:${source.line}`;

const problemJson = (problem: ManifestProblem) => ({ ...problem, message: describeManifestProblem(problem) });

/** The answer for a program: everything, nothing cut. */
export function diffJson(shown: DiffShown): string {
  const { diff, names, profile, policies, sources, failOn, lostEvents, notes, problems } = shown;
  return jsonText({
    old: names.old,
    new: names.new,
    profile: profile.name,
    totals: totalsOf(diff),
    failOn: failOn === 'any' ? 'any' : [...failOn],
    failed: isFailed(shown),
    connections: { old: diff.rows.old.length, new: diff.rows.new.length },
    changes: diff.changes.map((change) => changeJson(change, shown)),
    otherBreaks: diff.otherBreaks.map((each) => breakJson(each, sources.new)),
    workloads: {
      added: diff.workloads.added.map(workloadJson),
      gone: diff.workloads.gone.map(workloadJson),
    },
    policies: policies.map(({ change, yaml }) => ({
      policy: change.id,
      kind: change.kind,
      old: sourceText(change.before?.source),
      new: sourceText(change.after?.source),
      yaml,
    })),
    observed: observedJson(diff.observed, sources.new),
    lostEvents,
    notes,
    problems: { old: problems.old.map(problemJson), new: problems.new.map(problemJson) },
  });
}
