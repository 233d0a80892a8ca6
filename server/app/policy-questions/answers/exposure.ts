import type { AllowingRule } from '#core/policy/blast/verdict-bench.ts';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import { describePorts, type PortSet } from '#core/policy/connections/port-set.ts';
import { namespaceOf, podOf } from '#core/policy/exposure/newcomers.ts';
import type { ExposureReport, OpenKind } from '#core/policy/exposure/openings.ts';
import type { MetEnd, PodExposure, PodQuestion } from '#core/policy/exposure/pod-exposure.ts';
import type { Reason } from '#core/policy/exposure/rules-between.ts';
import { describeSpan } from '#core/policy/fast/address-atoms.ts';
import type { Labels } from '#core/policy/world.ts';
import { failed, ok, type Result } from '#core/result.ts';
import { type AskedModel, workloadAt } from '../asked-cluster.ts';
import {
  namedPolicy,
  policyName,
  ruleText,
  type Sources,
  sourcesOf,
  toldProblems,
} from '../placed-policies.ts';
import type { NewPod } from '../question.ts';

/** The pod that was asked about. */
export type AskedPod = Pick<PodQuestion, 'pod' | 'namespace' | 'listens'>;

/** A name no object can have. */
const NEW_POD = '(new pod)';

const labelsOf = (labels: Readonly<Record<string, string>> = {}): Labels =>
  Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));

/** A namespace that is there keeps its own labels. */
export interface NamespaceKnown {
  readonly code: 'namespace_known';
}

/** The pod that is asked about; a namespace that is there has its own labels. */
export function podAsked(asked: NewPod, { namespaces }: ClusterModel): Result<AskedPod, NamespaceKnown> {
  const { namespace, labels, namespaceLabels, ports, hostNetwork } = asked;
  const isKnown = namespaces.some(({ name }) => name === namespace);
  if (isKnown && namespaceLabels !== undefined) return failed({ code: 'namespace_known' });
  const namedPorts = ports.flatMap(({ name, protocol, port }) =>
    name === undefined ? [] : [{ name, protocol, port }],
  );
  const listens = ports.map(({ protocol, port }) => ({ protocol, from: port, to: port }));
  return ok({
    pod: { ...podOf(namespace, NEW_POD, labelsOf(labels)), namedPorts, hostNetwork },
    namespace: isKnown ? undefined : namespaceOf(namespace, labelsOf(namespaceLabels)),
    listens: ports.length === 0 ? undefined : listens,
  });
}

const rulesAnswer = (rules: readonly AllowingRule[], sources: Sources) =>
  rules.map((rule) => ({
    ...namedPolicy(rule.policy, sources),
    direction: rule.direction,
    rule: rule.rule,
    text: ruleText(rule, new Map()),
  }));

const reasonAnswer = ({ isIsolated, rules, isConfirmed }: Reason, sources: Sources) => ({
  isolated: isIsolated,
  confirmed: isConfirmed,
  allowedBy: rulesAnswer(rules, sources),
});

const portsAnswer = (ports: PortSet) => ({ ports, text: describePorts(ports) });

const headAnswer = ({ cluster, profile, model, problems }: AskedModel) => ({
  cluster,
  profile: profile.name,
  workloads: model.workloads.length,
  policies: model.policies.length,
  problems: toldProblems(problems),
});

const whoAnswer = (who: OpenKind) =>
  who.kind === 'outside'
    ? { kind: who.kind, anywhere: who.isAnywhere, ranges: who.spans.map(describeSpan) }
    : who;

/** What policies leave open to pods still to come, as plain data, the same for a command and for the API. */
export function exposureAnswer(asked: AskedModel, { openings, impossible, left }: ExposureReport) {
  const sources = sourcesOf(asked.model.policies);
  return {
    ...headAnswer(asked),
    openings: openings.map(({ direction, who, targets }) => ({
      direction,
      who: whoAnswer(who),
      targets: targets.map(({ workload, ports, reason }) => ({
        workload: workloadAt(asked, workload),
        ...portsAnswer(ports),
        ...reasonAnswer(reason, sources),
      })),
    })),
    impossible,
    notLookedAt: left,
  };
}

/** What one pod that does not exist yet could reach and be reached by, as plain data. */
export function podExposureAnswer(asked: AskedModel, pod: AskedPod, found: readonly PodExposure[]) {
  const sources = sourcesOf(asked.model.policies);
  const endAnswer = (end: MetEnd) =>
    end.kind === 'workload' ? { kind: end.kind, workload: workloadAt(asked, end.workload) } : end;
  return {
    ...headAnswer(asked),
    pod: pod.pod,
    newNamespace: pod.namespace,
    directions: found.map(({ direction, selecting, met }) => ({
      direction,
      isolatedBy: selecting.map(policyName),
      met: met.map(({ end, ports, onlySomePods, own, other }) => ({
        end: endAnswer(end),
        ...portsAnswer(ports),
        onlySomePods,
        own: reasonAnswer(own, sources),
        other: reasonAnswer(other, sources),
      })),
    })),
  };
}
