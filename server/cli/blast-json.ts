import type { Blast, ClusterBlast, JewelPath } from '#core/policy/blast/blast.ts';
import type { OutsideReach } from '#core/policy/blast/outside.ts';
import type { SeenReach } from '#core/policy/blast/seen-reach.ts';
import { describeManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { describePorts, type PortSet } from '#core/policy/connections/port-set.ts';
import type { AskedBlast, BlastAnswers } from './blast.ts';
import { workloadText } from './blast-format.ts';
import { policyName, sourcesOf } from './policy-folder.ts';
import { jsonText } from './terminal.ts';

/** Everything the command found. */
export interface BlastShown {
  readonly blast: AskedBlast;
  readonly answers: BlastAnswers;
  /** The same when every port counts that policies allow; undefined where `answers` is that already. */
  readonly wide: BlastAnswers | undefined;
  readonly used: SeenReach | undefined;
}

const portsJson = (ports: PortSet) => ({ ports, text: describePorts(ports) });

const outsideJson = ({ ports, isAnywhere, ranges }: OutsideReach) => ({
  ...portsJson(ports),
  anywhere: isAnywhere,
  ranges,
});

function pathJson(blast: AskedBlast, { jewel, path }: JewelPath) {
  const sources = sourcesOf(blast.placed);
  return {
    jewel: workloadText(blast, jewel),
    reached: path.length > 0,
    path: path.map(({ from, to, fromPod, toPod, point, ruling }) => ({
      from: workloadText(blast, from),
      to: workloadText(blast, to),
      fromPod: `${fromPod.pod.namespace}/${fromPod.pod.name}`,
      toPod: `${toPod.pod.namespace}/${toPod.pod.name}`,
      ...point,
      confirmed: ruling.verdict.allowed,
      reason: ruling.verdict.reason,
      egressIsolated: ruling.verdict.egress.isolated,
      ingressIsolated: ruling.verdict.ingress.isolated,
      allowedBy: ruling.rules.map(({ policy, direction, rule }) => ({
        policy: policyName(policy),
        source: sources.get(policy),
        direction,
        rule,
      })),
    })),
  };
}

const stageJson = (blast: AskedBlast, each: Blast) => ({
  stage: each.stage,
  byHop: each.byHop,
  closure: each.closure,
  hops: each.hops,
  reached: each.reached.map(({ workload, hops, ports }) => ({
    workload: workloadText(blast, workload),
    hops,
    ...portsJson(ports),
  })),
  outside: {
    direct: each.outside.direct.map(outsideJson),
    closure: each.outside.closure.map(outsideJson),
  },
  nodesAndApiServer: each.entities,
  crownJewels: each.jewels.map((jewel) => pathJson(blast, jewel)),
});

const clusterJson = (blast: AskedBlast, { stage, radius, jewels }: ClusterBlast) => ({
  stage,
  ...radius,
  radii: radius.radii.map((each) => ({ ...each, workload: workloadText(blast, each.workload) })),
  crownJewels: jewels.map((each) => ({ ...each, jewel: workloadText(blast, each.jewel) })),
});

const answersJson = (blast: AskedBlast, { listeners, blasts, clusters }: BlastAnswers) => ({
  ports: listeners === undefined ? 'every' : 'listening',
  stages:
    blast.start === undefined
      ? clusters.map((each) => clusterJson(blast, each))
      : blasts.map((each) => stageJson(blast, each)),
});

const usedJson = (blast: AskedBlast, { byHop, direct, pairsByHop, outside }: SeenReach) => ({
  byHop: byHop.map((found, index) => ({
    workloads: found.map((workload) => workloadText(blast, workload)),
    pairs: pairsByHop[index],
  })),
  direct: [...direct].map(([workload, ports]) => ({
    workload: workloadText(blast, workload),
    ...portsJson(ports),
  })),
  outside: [...outside],
});

/** The answer for a program: both readings of which ports count. */
export function blastJson({ blast, answers, wide, used }: BlastShown): string {
  const { asked, problems, start, stages, listeners } = blast;
  return jsonText({
    cluster: asked.cluster,
    profile: asked.profile.name,
    workload: start === undefined ? undefined : workloadText(blast, start),
    workloads: asked.model.workloads.length,
    policies: stages.map(({ stage, policies }) => ({ stage, count: policies.length })),
    workloadsWithoutKnownPort: listeners?.silent,
    readings: [answers, ...(wide === undefined ? [] : [wide])].map((each) => answersJson(blast, each)),
    used: used && usedJson(blast, used),
    problems: problems.map((problem) => ({ ...problem, message: describeManifestProblem(problem) })),
  });
}
