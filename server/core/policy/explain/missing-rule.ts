import { hostPrefix, parseIp } from '#core/net/ip.ts';
import { sortedText } from '#core/order.ts';
import type { PolicyDirection } from '../literal/verdict.ts';
import type {
  NetworkPolicyEgressRule,
  NetworkPolicyIngressRule,
  NetworkPolicyPeer,
} from '../network-policy.ts';
import type { CniProfile, Endpoint, PolicyProtocol } from '../world.ts';
import type { Resident, SelectorBook } from './population.ts';

/** The end that a rule has to name. */
export type RulePeer =
  | { readonly kind: 'workload'; readonly resident: Resident }
  /** Whatever is no pod, by the endpoints that stand for it; `block` when a whole CIDR is meant, not just them. */
  | {
      readonly kind: 'outside';
      readonly endpoints: readonly Endpoint[];
      readonly block?: string | undefined;
    };

/** A rule to write. */
export interface RuleWanted {
  readonly direction: PolicyDirection;
  /** Namespace of the pods the rule governs. */
  readonly namespace: string;
  readonly peer: RulePeer;
  readonly protocol: PolicyProtocol;
  readonly port: number;
}

/** Why no rule of networking.k8s.io/v1 can say what is missing. */
export const NO_RULE_REASONS = [
  /** Host, remote-node, kube-apiserver and the like on a network where an ipBlock does not match them. */
  'entity-not-expressible',
  'address-unknown',
  /** No lasting label is known by which the peer's pods could be selected. */
  'peer-not-selectable',
  /** More ports than the budget: no single one is known. */
  'no-single-port',
  /** What isolates is malformed, or differs from pod to pod. */
  'no-rule-helps',
] as const;
export type NoRuleReason = (typeof NO_RULE_REASONS)[number];

export type PolicyRule = NetworkPolicyIngressRule | NetworkPolicyEgressRule;

export type MissingRule =
  | { readonly kind: 'rule'; readonly rule: PolicyRule }
  /** `note` is one sentence that says what would help. */
  | { readonly kind: 'none'; readonly reason: NoRuleReason; readonly note: string };

type Peers = readonly NetworkPolicyPeer[] | Extract<MissingRule, { kind: 'none' }>;

const none = (reason: NoRuleReason, note: string): Extract<MissingRule, { kind: 'none' }> => ({
  kind: 'none',
  reason,
  note,
});

/** Selects a namespace by the one label that the API server gives every namespace. */
const namespaceNamed = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });

function workloadPeers({ resident }: { readonly resident: Resident }, wanted: Wanted): Peers {
  const { pod, namespace } = resident;
  if (pod.hostNetwork) return blockPeers([{ kind: 'pod', pod }], wanted);
  const choice = wanted.book.choiceFor(resident);
  if (choice.kind === 'none') {
    return none(
      'peer-not-selectable',
      `No lasting label of ${resident.text} is known that a selector could name.`,
    );
  }
  const { selector } = choice;
  return namespace === wanted.namespace
    ? [{ podSelector: selector }]
    : [{ namespaceSelector: namespaceNamed(namespace), podSelector: selector }];
}

const addressesOf = (endpoint: Endpoint): readonly string[] =>
  endpoint.ip !== undefined ? [endpoint.ip] : endpoint.kind === 'pod' ? endpoint.pod.ips : [];

function entityNote(endpoint: Endpoint, direction: PolicyDirection): string {
  const field = direction === 'ingress' ? 'fromEntities' : 'toEntities';
  const entity = endpoint.kind === 'entity' ? endpoint.entity : 'remote-node';
  return `No field of networking.k8s.io/v1 matches it under Cilium; a CiliumNetworkPolicy with ${field}: [${entity}] would allow it.`;
}

/** Whether an ipBlock is held against such an end at all. */
function isVisible(endpoint: Endpoint, profile: CniProfile): boolean {
  if (endpoint.kind === 'address') return true;
  if (endpoint.kind === 'pod')
    return endpoint.pod.hostNetwork ? profile.ipBlockMatchesNodes : profile.ipBlockMatchesPods;
  if (endpoint.entity === 'world') return true;
  const isNode = ['host', 'remote-node', 'kube-apiserver'].includes(endpoint.entity);
  return isNode ? profile.ipBlockMatchesNodes : profile.ipBlockMatchesReserved;
}

function blockPeers(endpoints: readonly Endpoint[], { profile, direction }: Wanted): Peers {
  const hidden = endpoints.find((endpoint) => !isVisible(endpoint, profile));
  if (hidden !== undefined) return none('entity-not-expressible', entityNote(hidden, direction));
  const ips = endpoints.flatMap(addressesOf).map(parseIp);
  const cidrs = sortedText(new Set(ips.filter((ip) => ip !== undefined).map(hostPrefix)));
  if (cidrs.length === 0)
    return none('address-unknown', 'No address of it is known, so no ipBlock can name it.');
  return cidrs.map((cidr) => ({ ipBlock: { cidr } }));
}

const outsidePeers = ({ endpoints, block }: Extract<RulePeer, { kind: 'outside' }>, wanted: Wanted): Peers =>
  block === undefined ? blockPeers(endpoints, wanted) : [{ ipBlock: { cidr: block } }];

type Wanted = RuleWanted & { readonly book: SelectorBook; readonly profile: CniProfile };

const isNone = (peers: Peers): peers is Extract<MissingRule, { kind: 'none' }> => 'kind' in peers;

/** The narrowest rule that would allow it: one peer, one port. External ends are single addresses. */
export function missingRule(wanted: Wanted): MissingRule {
  const { peer, direction, protocol, port } = wanted;
  const peers = peer.kind === 'workload' ? workloadPeers(peer, wanted) : outsidePeers(peer, wanted);
  if (isNone(peers)) return peers;
  const ports = [{ protocol, port }];
  return { kind: 'rule', rule: direction === 'ingress' ? { from: peers, ports } : { to: peers, ports } };
}
