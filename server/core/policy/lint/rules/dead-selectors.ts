import { describeWorkload } from '../../cluster/cluster-model.ts';
import type { Requirement, Selector } from '../../fast/selector.ts';
import { mayMean } from '../../fast/selector.ts';
import type { Draft, LintRule } from '../lint-rule.ts';
import { type LintWorld, someOf } from '../lint-world.ts';
import { requirementText, selectorText } from '../selector-text.ts';
import { isMadeByController } from '../volatile-labels.ts';

/** What pods of the namespace have instead: `app is cart, db there`. */
function instead(world: LintWorld, { key }: Requirement, namespace: string): string {
  const values = world.index.valuesOf(key, namespace);
  return values.length === 0 ? `no pod there has a label ${key}` : `${key} is ${someOf(values)} there`;
}

/** Why nobody of a namespace is meant: the first requirement that no pod meets, else that none meets all. */
export function whyNobody(world: LintWorld, selector: Selector, namespace: string): string {
  const pods = world.index.inNamespace(namespace);
  const unmet = selector.requirements.find(
    (each) => !pods.some(({ pod }) => mayMean({ requirements: [each], isSound: true }, pod.labels)),
  );
  if (unmet === undefined) return 'no single pod meets all of it';
  const found = instead(world, unmet, namespace);
  return selector.requirements.length === 1 ? found : `${requirementText(unmet)}: ${found}`;
}

/** Labels that a controller makes up are not in manifests, so what selects by them can not be judged. */
export const isJudgeable = ({ requirements, isSound }: Selector): boolean =>
  isSound && !requirements.some(({ key }) => isMadeByController(key));

/** A policy that governs nobody. */
export const subjectNone: LintRule = {
  id: 'subject-none',
  severity: 'warning',
  needs: 'workloads',
  title: 'policy selects no pod',
  why: 'A policy that selects nobody isolates nobody: the pods it was written for stay open.',
  check: (world) =>
    world.policies.flatMap((policy): readonly Draft[] => {
      const { namespace, subject } = policy;
      if (!world.hasPods(namespace) || !isJudgeable(subject)) return [];
      if (world.index.meant(subject, namespace).length > 0) return [];
      const text = selectorText(subject, 'every pod');
      return [
        {
          about: policy,
          field: 'spec.podSelector',
          severity: world.isOnlySeen(namespace) ? 'info' : 'warning',
          what: `no pod ${world.wasSeenText(namespace)}of ${namespace} is selected by ${text} (${whyNobody(world, subject, namespace)})`,
          fix: 'Take labels from the pod template of the workload that is meant, or delete the policy if it is gone.',
        },
      ];
    }),
};

/** A policy in a namespace where nobody lives. */
export const namespaceAbsent: LintRule = {
  id: 'namespace-absent',
  severity: 'warning',
  needs: 'workloads',
  title: 'policy in a namespace that has no workload here',
  why: 'Policies govern the pods of their own namespace only; the API server refuses one whose namespace is not there.',
  check: (world) =>
    world.policies
      .filter(({ namespace }) => !world.hasPods(namespace))
      .map((policy) => {
        const isDeclared = world.namespaceOf(policy.namespace)?.source !== undefined;
        const unsaid = policy.namespace === 'default' ? ' (where kubectl puts what names no namespace)' : '';
        return {
          about: policy,
          field: 'metadata.namespace',
          severity: isDeclared ? 'info' : 'warning',
          what: isDeclared
            ? `namespace ${policy.namespace} is declared and has no workload`
            : `nothing else is in namespace ${policy.namespace}${unsaid}`,
          fix: 'Write the namespace of the pods it is about, or lint it together with their manifests.',
        };
      }),
};

/** A policy whose only pods use the network of their node. */
export const hostNetworkSubject: LintRule = {
  id: 'host-network-subject',
  severity: 'warning',
  needs: 'workloads',
  title: 'policy selects pods on the network of their node',
  why: 'Pods with hostNetwork share the address of their node; networks do not apply NetworkPolicies to them.',
  check: (world) =>
    world.policies.flatMap((policy): readonly Draft[] => {
      // Selecting everybody is how a default deny is written: nobody means to govern node agents by it.
      if (policy.subject.requirements.length === 0) return [];
      const meant = world.index.meant(policy.subject, policy.namespace);
      const onNode = meant.filter(({ hostNetwork }) => hostNetwork);
      if (onNode.length === 0) return [];
      const isAll = onNode.length === meant.length;
      return [
        {
          about: policy,
          field: 'spec.podSelector',
          severity: isAll ? 'warning' : 'info',
          what: `it has no effect on ${world.describeGroups(onNode)}, which ${isAll ? 'is all it selects and ' : ''}uses the node's network`,
          fix: 'Run the pod without hostNetwork, or protect it with a host firewall or a host policy of the network.',
        },
      ];
    }),
};

/** Pods without a controller on a network that leaves them alone. */
export const barePodOpen: LintRule = {
  id: 'bare-pod-open',
  severity: 'warning',
  needs: 'workloads',
  title: 'policy selects pods that no controller made',
  why: 'This network governs only pods that a Deployment or another controller made; bare pods stay open whatever policies say.',
  check: (world) => {
    if (world.profile.governsBarePods) return [];
    return world.policies.flatMap((policy): readonly Draft[] => {
      const groups = world.groupsOf(world.subjectsOf(policy));
      const bare = world.workloadsOf(groups).filter(({ kind }) => kind === 'Pod');
      if (bare.length === 0) return [];
      return [
        {
          about: policy,
          field: 'spec.podSelector',
          what: `it has no effect on ${someOf(bare.map(describeWorkload))} on ${world.profile.name}`,
          fix: 'Let a Deployment or Job make the pod.',
        },
      ];
    });
  },
};
