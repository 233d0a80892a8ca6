import type { AllowingRule } from '#core/policy/blast/verdict-bench.ts';
import { describeManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { describePorts, type PortSet } from '#core/policy/connections/port-set.ts';
import type { ExposureReport, OpenKind } from '#core/policy/exposure/openings.ts';
import type { MetEnd, PodExposure } from '#core/policy/exposure/pod-exposure.ts';
import type { Reason } from '#core/policy/exposure/rules-between.ts';
import { describeSpan } from '#core/policy/fast/address-atoms.ts';
import type { AskedCluster } from './asked-cluster.ts';
import { type AskedPod, workloadName } from './exposure-format.ts';
import { policyName, ruleText, type Sources, sourcesOf } from './policy-folder.ts';
import { jsonText } from './terminal.ts';

const rulesJson = (rules: readonly AllowingRule[], sources: Sources) =>
  rules.map((rule) => ({
    policy: policyName(rule.policy),
    source: sources.get(rule.policy),
    direction: rule.direction,
    rule: rule.rule,
    text: ruleText(rule, new Map()),
  }));

const reasonJson = ({ isIsolated, rules, isConfirmed }: Reason, sources: Sources) => ({
  isolated: isIsolated,
  confirmed: isConfirmed,
  allowedBy: rulesJson(rules, sources),
});

const portsJson = (ports: PortSet) => ({ ports, text: describePorts(ports) });

function headJson({ cluster, profile, model, problems }: AskedCluster) {
  return {
    cluster,
    profile: profile.name,
    workloads: model.workloads.length,
    policies: model.policies.length,
    problems: problems.map((problem) => ({ ...problem, message: describeManifestProblem(problem) })),
  };
}

const whoJson = (who: OpenKind) =>
  who.kind === 'outside'
    ? { kind: who.kind, anywhere: who.isAnywhere, ranges: who.spans.map(describeSpan) }
    : who;

/** What policies leave open to pods still to come, for a program. */
export function exposureJson(asked: AskedCluster, { openings, impossible, left }: ExposureReport): string {
  const sources = sourcesOf(asked.model.policies);
  return jsonText({
    ...headJson(asked),
    openings: openings.map(({ direction, who, targets }) => ({
      direction,
      who: whoJson(who),
      targets: targets.map(({ workload, ports, reason }) => ({
        workload: workloadName(asked, workload),
        ...portsJson(ports),
        ...reasonJson(reason, sources),
      })),
    })),
    impossible,
    notLookedAt: left,
  });
}

/** What one pod that does not exist yet could reach and be reached by, for a program. */
export function podExposureJson(asked: AskedCluster, pod: AskedPod, found: readonly PodExposure[]): string {
  const sources = sourcesOf(asked.model.policies);
  const endJson = (end: MetEnd) =>
    end.kind === 'workload' ? { kind: end.kind, workload: workloadName(asked, end.workload) } : end;
  return jsonText({
    ...headJson(asked),
    pod: pod.pod,
    newNamespace: pod.namespace,
    directions: found.map(({ direction, selecting, met }) => ({
      direction,
      isolatedBy: selecting.map(policyName),
      met: met.map(({ end, ports, onlySomePods, own, other }) => ({
        end: endJson(end),
        ...portsJson(ports),
        onlySomePods,
        own: reasonJson(own, sources),
        other: reasonJson(other, sources),
      })),
    })),
  });
}
