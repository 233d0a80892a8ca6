import {
  type Blast,
  blastOf,
  type ClusterBlast,
  clusterBlastOf,
  type JewelPath,
  type StagePolicies,
  stagedGraphs,
} from '#core/policy/blast/blast.ts';
import type { Listeners } from '#core/policy/blast/listeners.ts';
import type { OutsideReach } from '#core/policy/blast/outside.ts';
import type { SeenLink } from '#core/policy/blast/seen-links.ts';
import { linksByFrom, type SeenReach, seenReachOf } from '#core/policy/blast/seen-reach.ts';
import type { PlacedPolicy } from '#core/policy/cluster/cluster-model.ts';
import type { ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { describePorts, type PortSet } from '#core/policy/connections/port-set.ts';
import { type AskedModel, workloadAt } from '../asked-cluster.ts';
import { namedPolicy, type PolicyFolder, sourcesOf, toldProblems } from '../placed-policies.ts';

/** All that was asked, and what it was asked of. */
export interface AskedBlast<Asked extends AskedModel = AskedModel> {
  readonly asked: Asked;
  readonly problems: readonly ManifestProblem[];
  readonly stages: readonly StagePolicies[];
  /** Where each policy was read. */
  readonly placed: readonly PlacedPolicy[];
  readonly links: readonly SeenLink[];
  readonly listeners: Listeners | undefined;
  /** Index of the workload asked about; undefined when all are. */
  readonly start: number | undefined;
  readonly jewels: readonly number[];
  readonly hops: number;
}

/** Answers under one reading of which ports count. */
export interface BlastAnswers {
  readonly listeners: Listeners | undefined;
  /** Empty when no workload was named. */
  readonly blasts: readonly Blast[];
  /** Empty when one was. */
  readonly clusters: readonly ClusterBlast[];
}

/** No policies, the current ones where there are any to ask about, and a proposal. */
export function stagesOf(
  current: PolicyFolder,
  proposal: PolicyFolder | undefined,
): readonly StagePolicies[] {
  const own = ({ policies }: PolicyFolder) => policies.map(({ policy }) => policy);
  const isCurrentAsked = current.policies.length > 0 || proposal === undefined;
  return [
    { stage: 'open', policies: [] },
    ...(isCurrentAsked ? [{ stage: 'current' as const, policies: own(current) }] : []),
    ...(proposal === undefined ? [] : [{ stage: 'proposal' as const, policies: own(proposal) }]),
  ];
}

/** Told of work done: how much of how much, and of what. */
export type BlastProgress = (done: number, total: number, what: string) => void;

/** Works all of it out under one reading of which ports count; undefined: every port that policies allow. */
export function blastAnswersOf(
  { asked, stages, start, jewels, hops }: AskedBlast,
  listeners: Listeners | undefined,
  onProgress?: BlastProgress,
): BlastAnswers {
  const graphs = stagedGraphs({
    model: asked.model,
    profile: asked.profile,
    listeners,
    stages,
    onProgress: (done, total) => onProgress?.(done, total, 'ranges of ports'),
  });
  if (start !== undefined) {
    const blasts = graphs.map((graph) => blastOf(graph, start, { hops, jewels }));
    return { listeners, blasts, clusters: [] };
  }
  const clusters = graphs.map((graph) =>
    clusterBlastOf(graph, jewels, (done, total) => onProgress?.(done, total, 'workloads')),
  );
  return { listeners, blasts: [], clusters };
}

/** What the workload asked about was seen to use; undefined without flows. */
export function usedBy({ asked, links, start }: AskedBlast): SeenReach | undefined {
  if (asked.reading === undefined || start === undefined) return undefined;
  return seenReachOf(linksByFrom(links), start);
}

/** Everything that was found. */
export interface BlastShown {
  readonly blast: AskedBlast;
  readonly answers: BlastAnswers;
  /** The same when every port counts that policies allow; undefined where `answers` is that already. */
  readonly wide: BlastAnswers | undefined;
  readonly used: SeenReach | undefined;
}

const portsAnswer = (ports: PortSet) => ({ ports, text: describePorts(ports) });

const outsideAnswer = ({ ports, isAnywhere, ranges }: OutsideReach) => ({
  ...portsAnswer(ports),
  anywhere: isAnywhere,
  ranges,
});

function pathAnswer(blast: AskedBlast, { jewel, path }: JewelPath) {
  const sources = sourcesOf(blast.placed);
  return {
    jewel: workloadAt(blast.asked, jewel),
    reached: path.length > 0,
    path: path.map(({ from, to, fromPod, toPod, point, ruling }) => ({
      from: workloadAt(blast.asked, from),
      to: workloadAt(blast.asked, to),
      fromPod: `${fromPod.pod.namespace}/${fromPod.pod.name}`,
      toPod: `${toPod.pod.namespace}/${toPod.pod.name}`,
      ...point,
      confirmed: ruling.verdict.allowed,
      reason: ruling.verdict.reason,
      egressIsolated: ruling.verdict.egress.isolated,
      ingressIsolated: ruling.verdict.ingress.isolated,
      allowedBy: ruling.rules.map(({ policy, direction, rule }) => ({
        ...namedPolicy(policy, sources),
        direction,
        rule,
      })),
    })),
  };
}

const stageAnswer = (blast: AskedBlast, each: Blast) => ({
  stage: each.stage,
  byHop: each.byHop,
  closure: each.closure,
  hops: each.hops,
  reached: each.reached.map(({ workload, hops, ports }) => ({
    workload: workloadAt(blast.asked, workload),
    hops,
    ...portsAnswer(ports),
  })),
  outside: {
    direct: each.outside.direct.map(outsideAnswer),
    closure: each.outside.closure.map(outsideAnswer),
  },
  nodesAndApiServer: each.entities,
  crownJewels: each.jewels.map((jewel) => pathAnswer(blast, jewel)),
});

const clusterAnswer = ({ asked }: AskedBlast, { stage, radius, jewels }: ClusterBlast) => ({
  stage,
  ...radius,
  radii: radius.radii.map((each) => ({ ...each, workload: workloadAt(asked, each.workload) })),
  crownJewels: jewels.map((each) => ({ ...each, jewel: workloadAt(asked, each.jewel) })),
});

const readingAnswer = (blast: AskedBlast, { listeners, blasts, clusters }: BlastAnswers) => ({
  ports: listeners === undefined ? ('every' as const) : ('listening' as const),
  stages:
    blast.start === undefined
      ? clusters.map((each) => clusterAnswer(blast, each))
      : blasts.map((each) => stageAnswer(blast, each)),
});

const usedAnswer = ({ asked }: AskedBlast, { byHop, direct, pairsByHop, outside }: SeenReach) => ({
  byHop: byHop.map((found, index) => ({
    workloads: found.map((workload) => workloadAt(asked, workload)),
    pairs: pairsByHop[index],
  })),
  direct: [...direct].map(([workload, ports]) => ({
    workload: workloadAt(asked, workload),
    ...portsAnswer(ports),
  })),
  outside: [...outside],
});

/** The answer as plain data, the same for a command and for the API: both readings of which ports count. */
export function blastAnswer({ blast, answers, wide, used }: BlastShown) {
  const { asked, problems, start, stages, listeners } = blast;
  return {
    cluster: asked.cluster,
    profile: asked.profile.name,
    workload: start === undefined ? undefined : workloadAt(asked, start),
    workloads: asked.model.workloads.length,
    policies: stages.map(({ stage, policies }) => ({ stage, count: policies.length })),
    workloadsWithoutKnownPort: listeners?.silent,
    readings: [answers, ...(wide === undefined ? [] : [wide])].map((each) => readingAnswer(blast, each)),
    used: used && usedAnswer(blast, used),
    problems: toldProblems(problems),
  };
}
