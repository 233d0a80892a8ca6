import type { ClusterService } from '../../cluster/cluster-model.ts';
import { describeWrittenPort } from '../../explain/describe-rule.ts';
import type { AddressBlock } from '../../fast/address-axis.ts';
import { mayMean } from '../../fast/selector.ts';
import type { Draft, LintRule } from '../lint-rule.ts';
import { type LintWorld, someOf } from '../lint-world.ts';
import { isForAllPorts, type ReadPeer, type ReadPolicy, type ReadRule } from '../read-policy.ts';

const isSelecting = (service: ClusterService, policy: ReadPolicy, world: LintWorld): boolean => {
  const { selector, namespace } = service;
  if (selector === undefined || namespace !== policy.namespace) return false;
  const wanted = {
    requirements: selector.map(([key, value]) => ({ key, kind: 'in' as const, values: [value] })),
    isSound: true,
  };
  return world.index
    .meant(wanted, namespace)
    .some(({ pod, hostNetwork }) => !hostNetwork && mayMean(policy.subject, pod.labels));
};

/** By what the pods of a policy are meant to be reached from outside. */
function exposureOf(world: LintWorld, policy: ReadPolicy): string {
  const { services, ingresses } = world.model;
  const own = services.filter((service) => isSelecting(service, policy, world));
  const published = own.filter(({ type }) => type === 'LoadBalancer' || type === 'NodePort');
  const names = new Set(own.map(({ name }) => name));
  const behind = ingresses.filter(
    ({ namespace, backends }) =>
      namespace === policy.namespace && backends.some(({ service }) => names.has(service)),
  );
  const reasons = [
    ...published.map(({ type, name }) => `Service ${name} of type ${type}`),
    ...behind.map(({ name }) => `Ingress ${name}`),
  ];
  return reasons.length === 0 ? '' : `; they are published by ${someOf(reasons)}, so part of it may be meant`;
}

const portsText = (rule: ReadRule): string =>
  isForAllPorts(rule)
    ? 'every port'
    : someOf([...new Set(rule.ports.map(({ written }) => describeWrittenPort(written)))]);

const isOpen = (rule: ReadRule): boolean => rule.isForAnyone && rule.portTerm !== undefined;

/** An ingress rule for anybody. */
export const openIngressRule: LintRule = {
  id: 'open-ingress-rule',
  severity: 'warning',
  needs: 'policies',
  title: 'ingress rule without from',
  why: 'A rule without from lets in every pod of every namespace and every address outside; other rules beside it add nothing on those ports.',
  check: (world) =>
    world.rules
      .filter((rule) => rule.direction === 'ingress' && isOpen(rule))
      .map((rule) => ({
        about: rule.policy,
        field: rule.field,
        what: `it has no from: anybody, in the cluster or out of it, may connect to ${portsText(rule)} of its pods${exposureOf(world, rule.policy)}`,
        fix: 'Name who may connect in from; for the internet, the pods of the load balancer or ingress controller, or an ipBlock.',
      })),
};

/** An egress rule to anybody. */
export const openEgressRule: LintRule = {
  id: 'open-egress-rule',
  severity: 'warning',
  needs: 'policies',
  title: 'egress rule without to',
  why: "A rule without to lets pods connect to anything: every pod, every node, the cloud's metadata service, the internet.",
  check: (world) =>
    world.rules
      .filter((rule) => rule.direction === 'egress' && isOpen(rule))
      .map((rule) => ({
        about: rule.policy,
        field: rule.field,
        severity: isForAllPorts(rule) ? 'warning' : 'info',
        what: `it has no to: its pods may connect to ${portsText(rule)} of anything, in the cluster or out of it`,
        fix: 'Name what they connect to in to; leave Egress out of policyTypes if egress is not to be limited.',
      })),
};

const isEveryPod = ({ term }: ReadPeer): boolean =>
  term?.kind === 'pods' &&
  term.namespaces?.requirements.length === 0 &&
  (term.pods === undefined || term.pods.requirements.length === 0);

/** A peer for every pod there is. */
export const peerAllPods: LintRule = {
  id: 'peer-all-pods',
  severity: 'warning',
  needs: 'policies',
  title: 'peer that means every pod of the cluster',
  why: 'An empty namespaceSelector means all namespaces, those of other teams and those not made yet too.',
  check: (world) =>
    world.rules.flatMap((rule) =>
      rule.peers.filter(isEveryPod).map(({ field }) => ({
        about: rule.policy,
        field,
        severity: rule.direction === 'egress' && !isForAllPorts(rule) ? 'info' : 'warning',
        what: `it means every pod of every namespace, on ${portsText(rule)}`,
        fix: "Select the namespaces and pods that are meant; for the policy's own namespace write podSelector: {} alone.",
      })),
    ),
};

const WHOLE_FAMILY = { IPv4: '0.0.0.0/0', IPv6: '::/0' } as const;

/** The family of which a block holds every address, or undefined. */
export function familyHeld(block: AddressBlock, cidr: unknown): 'IPv4' | 'IPv6' | undefined {
  const [span] = block.spans;
  if (block.spans.length !== 1 || span === undefined || typeof cidr !== 'string' || !/\/0+$/.test(cidr))
    return undefined;
  return typeof span.first === 'number' ? 'IPv4' : 'IPv6';
}

/** A block of all addresses. */
export const peerAllAddresses: LintRule = {
  id: 'peer-all-addresses',
  severity: 'warning',
  needs: 'policies',
  title: 'ipBlock of every address, without except',
  why: 'It means the whole internet and, on networks that hold blocks against pods, every pod, node and metadata service.',
  check: (world) =>
    world.rules.flatMap((rule) =>
      rule.peers.flatMap(({ field, term, written }): readonly Draft[] => {
        const family = term?.kind === 'block' ? familyHeld(term.block, written.ipBlock?.cidr) : undefined;
        if (family === undefined) return [];
        const isMild = rule.direction === 'egress' && !isForAllPorts(rule);
        return [
          {
            about: rule.policy,
            field: `${field}.ipBlock.cidr`,
            severity: isMild ? 'info' : 'warning',
            what: `${WHOLE_FAMILY[family]} without except means every ${family} address, on ${portsText(rule)}`,
            fix: 'Name the blocks that are meant, or except the private ranges and 169.254.0.0/16.',
          },
        ];
      }),
    ),
};
