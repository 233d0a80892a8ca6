import { sortedBy } from '#core/order.ts';
import { cidrsOf } from '../certify/policy-facts.ts';
import type { ClusterModel, ClusterService, PlacedPolicy } from '../cluster/cluster-model.ts';
import { entriesOf, rulesOf } from '../explain/describe-rule.ts';
import { isAbsent, isObject } from '../literal/fault.ts';
import { selectorMatches } from '../literal/selector.ts';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../network-policy.ts';
import type { NetworkName, WorldPod } from '../world.ts';
import { type AddressRange, rangeOfCidr } from './address-range.ts';

/** What can not be judged from manifests alone, and is known to matter on some network. */
export const HINT_KINDS = [
  /** A block of private addresses, where the addresses of pods are not known. */
  'private-block',
  /** Blocks of both address families. */
  'both-families',
  /** A rule for SCTP. */
  'sctp',
  /** A Service whose port is not the port of its pods. */
  'service-port',
  /** An egress rule whose selector fits pods, and not the selector of the Service in front of them. */
  'service-selector',
] as const;
export type HintKind = (typeof HINT_KINDS)[number];

export interface PortabilityHint {
  readonly kind: HintKind;
  readonly network: NetworkName;
  /** Set when a policy is the place to change. */
  readonly policy: PlacedPolicy | undefined;
  /** Set when a Service is, or is involved. */
  readonly service: ClusterService | undefined;
  /** `egress[0].to[1]`, or the CIDR, or the ports. */
  readonly detail: string;
}

/** RFC 1918, RFC 6598 (shared address space, common for pods) and RFC 4193. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

const PRIVATE_RANGES: readonly AddressRange[] = PRIVATE.map(rangeOfCidr).filter(
  (range) => range !== undefined,
);

function isPrivate(cidr: string): boolean {
  const range = rangeOfCidr(cidr);
  return (
    range !== undefined &&
    PRIVATE_RANGES.some(
      ({ family, first, last }) => family === range.family && first <= range.first && range.last <= last,
    )
  );
}

const cidrsIn = (policy: NetworkPolicy): readonly string[] => [
  ...cidrsOf(policy, 'ingress'),
  ...cidrsOf(policy, 'egress'),
];

const hint = (
  kind: HintKind,
  network: NetworkName,
  at: Partial<Pick<PortabilityHint, 'policy' | 'service'>> & { readonly detail: string },
): PortabilityHint => ({ kind, network, policy: at.policy, service: at.service, detail: at.detail });

/** Cilium holds no block against a pod, whatever its address: docs.cilium.io, "Selecting pods or nodes with CIDR". */
function privateBlocks({ pods, policies }: ClusterModel): readonly PortabilityHint[] {
  if (pods.every(({ pod }) => pod.ips.length > 0)) return [];
  return policies.flatMap((policy) => {
    const cidrs = [...new Set(cidrsIn(policy.policy).filter(isPrivate))];
    return cidrs.length === 0 ? [] : [hint('private-block', 'cilium', { policy, detail: cidrs.join(', ') })];
  });
}

/** The VPC CNI enforces one family, the cluster's: Amazon EKS user guide, "Limit Pod traffic", considerations. */
function bothFamilies({ policies }: ClusterModel): readonly PortabilityHint[] {
  return policies.flatMap((policy) => {
    const cidrs = [...new Set(cidrsIn(policy.policy))];
    const families = new Set(cidrs.map((cidr) => rangeOfCidr(cidr)?.family));
    const hasBoth = families.has('IPv4') && families.has('IPv6');
    return hasBoth ? [hint('both-families', 'aws-vpc-cni', { policy, detail: cidrs.join(', ') })] : [];
  });
}

const portsIn = (policy: NetworkPolicy): readonly NetworkPolicyPort[] =>
  (['ingress', 'egress'] as const).flatMap((direction) =>
    rulesOf(policy, direction).flatMap(({ ports }) => entriesOf<NetworkPolicyPort>(ports)),
  );

/** Off unless `sctp.enabled` is set: docs.cilium.io, "SCTP support". */
const sctpRules = ({ policies }: ClusterModel): readonly PortabilityHint[] =>
  policies
    .filter(({ policy }) => portsIn(policy).some((entry) => entry?.protocol === 'SCTP'))
    .map((policy) => hint('sctp', 'cilium', { policy, detail: 'SCTP' }));

/** "The service port must be the same as the container port": Amazon EKS user guide, "Limit Pod traffic". */
const servicePorts = ({ services }: ClusterModel): readonly PortabilityHint[] =>
  services
    .filter(({ selector, type }) => selector !== undefined && type !== 'ExternalName')
    .flatMap((service) => {
      const moved = service.ports.filter(
        ({ port, targetPort }) => typeof targetPort === 'number' && targetPort !== port,
      );
      const detail = moved.map(({ port, targetPort }) => `${port} → ${targetPort}`).join(', ');
      return moved.length === 0 ? [] : [hint('service-port', 'aws-vpc-cni', { service, detail })];
    });

const isInNamespace = (
  { namespaceSelector }: NetworkPolicyPeer,
  namespace: string,
  [model, own]: readonly [ClusterModel, string],
): boolean => {
  if (isAbsent(namespaceSelector)) return namespace === own;
  const labels = model.namespaces.find(({ name }) => name === namespace)?.labels ?? [];
  return selectorMatches(namespaceSelector, labels) === 'yes';
};

const isSelected = (service: ClusterService, { namespace, labels }: WorldPod): boolean =>
  namespace === service.namespace &&
  (service.selector ?? []).every(([key, value]) =>
    labels.some(([name, own]) => name === key && own === value),
  );

/**
 * The network policy agent of the VPC CNI sees a connection to a Service before its address is translated; its controller
 * opens the virtual address only where the rule's selector fits the Service's own selector
 * (aws/amazon-network-policy-controller-k8s, `getMatchingServiceClusterIPs` in pkg/resolvers/endpoints.go).
 */
function serviceSelectors(model: ClusterModel): readonly PortabilityHint[] {
  const virtual = model.services.filter(
    ({ selector, clusterIps }) => selector !== undefined && !clusterIps.includes('None'),
  );
  return model.policies.flatMap((policy) => {
    const own = policy.policy.metadata.namespace ?? 'default';
    return rulesOf(policy.policy, 'egress').flatMap((rule, index) => {
      const peers = entriesOf<NetworkPolicyPeer>(rule.peers).filter(isObject);
      return peers.flatMap((peer, at) =>
        virtual
          .filter((service) => isMissed(peer, service, [model, own]))
          .map((service) =>
            hint('service-selector', 'aws-vpc-cni', {
              policy,
              service,
              detail: `egress[${index}].to[${at}]`,
            }),
          ),
      );
    });
  });
}

/** A rule that means pods of a Service, by labels that the Service does not ask for. */
function isMissed(
  peer: NetworkPolicyPeer,
  service: ClusterService,
  [model, own]: readonly [ClusterModel, string],
): boolean {
  const { podSelector } = peer;
  if (isAbsent(podSelector) || !isInNamespace(peer, service.namespace, [model, own])) return false;
  if (selectorMatches(podSelector, service.selector ?? []) === 'yes') return false;
  return model.pods.some(
    ({ pod }) => isSelected(service, pod) && selectorMatches(podSelector, pod.labels) === 'yes',
  );
}

/** What to look at before the same policies are applied on another network; sorted by network and kind. */
export function portabilityHints(model: ClusterModel): readonly PortabilityHint[] {
  const hints = [
    ...privateBlocks(model),
    ...bothFamilies(model),
    ...sctpRules(model),
    ...servicePorts(model),
    ...serviceSelectors(model),
  ];
  const rank = ({ kind, network }: PortabilityHint): string => `${network} ${HINT_KINDS.indexOf(kind)}`;
  return sortedBy(hints, rank);
}
