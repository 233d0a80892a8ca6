import { isPublicIp, parseIp } from '../../net/ip.ts';
import { type AddressBlock, addressAt, isInBlock, positionOf } from '../fast/address-axis.ts';
import { hasBit, isNobody } from '../fast/bits.ts';
import { covers, portCode } from '../fast/port-axis.ts';
import type { PolicyProtocol } from '../world.ts';
import type { LintWorld } from './lint-world.ts';
import type { PodGroup } from './pod-groups.ts';
import type { ReadPeer, ReadRule } from './read-policy.ts';

/** Where names are resolved, as far as the cluster shows it. */
export interface Resolvers {
  /** Groups of pods; empty when none was found, and then any destination is taken for one. */
  readonly groups: readonly PodGroup[];
  /** Ports they listen on. */
  readonly ports: readonly number[];
  /** NodeLocal DNSCache runs here: pods ask a link-local address of their own node. */
  readonly hasNodeLocal: boolean;
}

/** The address of NodeLocal DNSCache unless somebody chose another (kubernetes/dns, nodelocaldns.yaml). */
export const NODE_LOCAL_ADDRESS = '169.254.20.10';

const DNS_SERVICES = /^(?:kube-dns|coredns|rke2-coredns-rke2-coredns|dns-default)$/;
const DNS_NAMESPACES = ['kube-system', 'openshift-dns'];

function portsOf(world: LintWorld, groups: readonly PodGroup[]): readonly number[] {
  const named = groups.flatMap(({ pod }) => pod.namedPorts);
  const declared = world.workloadsOf(groups).flatMap(({ ports }) => ports);
  const own = [...named, ...declared].filter(
    ({ protocol, name }) => protocol === 'UDP' || name?.startsWith('dns'),
  );
  const ports = new Set(own.filter(({ protocol }) => protocol === 'UDP').map(({ port }) => port));
  return ports.size === 0 ? [53] : [...ports].sort((a, b) => a - b);
}

/** Pods behind the cluster's DNS Service, or with the label CoreDNS has everywhere. */
export function resolversOf(world: LintWorld): Resolvers {
  const { services, workloads } = world.model;
  const found = new Map<number, PodGroup>();
  for (const namespace of DNS_NAMESPACES) {
    const selectors = services
      .filter((service) => service.namespace === namespace && DNS_SERVICES.test(service.name))
      .flatMap(({ selector }) => selector ?? []);
    const labels = [...selectors, ['k8s-app', 'kube-dns'] as const];
    for (const [key, value] of labels) {
      const wanted = { requirements: [{ key, kind: 'in' as const, values: [value] }], isSound: true };
      for (const group of world.index.meant(wanted, namespace)) {
        if (!group.hostNetwork) found.set(group.id, group);
      }
    }
  }
  const groups = [...found.values()];
  const hasNodeLocal = workloads.some(({ name }) => /^(?:node-local-dns|nodelocaldns)$/.test(name));
  return { groups, ports: groups.length === 0 ? [53, 5353] : portsOf(world, groups), hasNodeLocal };
}

const isOnPort = ({ portTerm, ports }: ReadRule, protocol: PolicyProtocol, port: number): boolean =>
  portTerm !== undefined &&
  (covers(portTerm.spans, portCode(protocol, port)) ||
    // The names that CoreDNS and OpenShift give to these ports.
    ports.some(
      ({ written }) =>
        /^(?:dns|domain)/.test(String(written.port)) && (written.protocol ?? 'TCP') === protocol,
    ));

/** A block that does not begin on the internet may be one of the cluster's. */
function mayBeInside({ spans }: AddressBlock): boolean {
  const [span] = spans;
  const ip = span && parseIp(addressAt(span.first));
  return ip !== undefined && !isPublicIp(ip);
}

/** True when a block may hold the pod's address; with none known, a block of the cluster may be meant. */
function mayHold({ term }: ReadPeer, { pod }: PodGroup): boolean {
  if (term?.kind !== 'block') return false;
  const positions = pod.ips.map(positionOf).filter((position) => position !== undefined);
  if (positions.length === 0) return mayBeInside(term.block);
  return positions.some((position) => isInBlock(term.block, position));
}

function isTowards(world: LintWorld, peer: ReadPeer, group: PodGroup): boolean {
  const { term } = peer;
  if (term?.kind !== 'pods') return mayHold(peer, group);
  if (hasBit(world.peersOf(term), group.id)) return true;
  // Labels of a namespace nobody declared may be the right ones.
  return (
    term.namespaces !== undefined && world.namespacesMeant(term.namespaces).maybe.includes(group.namespace)
  );
}

/**
 * A peer that may be the resolver when nobody knows where that is: in other namespaces, in one where resolvers live, or
 * pods of the own one that are there and are let through on this very port.
 */
function isPossible(world: LintWorld, { policy, ports }: ReadRule, { term }: ReadPeer): boolean {
  if (term === undefined) return false;
  if (term.kind === 'block') return mayBeInside(term.block);
  if (term.namespaces !== undefined || DNS_NAMESPACES.includes(policy.namespace)) return true;
  return ports.length > 0 && !isNobody(world.peersOf(term));
}

/** A rule that lets names be asked for over this protocol, read kindly where something is not known. */
export function letsResolve(
  world: LintWorld,
  rule: ReadRule,
  asked: Resolvers & { readonly protocol: PolicyProtocol },
): boolean {
  const { groups, ports, protocol } = asked;
  if (!ports.some((port) => isOnPort(rule, protocol, port))) return false;
  if (rule.isForAnyone) return true;
  if (groups.length === 0) return rule.peers.some((peer) => isPossible(world, rule, peer));
  return rule.peers.some(
    (peer) => groups.some((group) => isTowards(world, peer, group)) || letsReachNodeLocal(peer),
  );
}

/** A block that holds the address of NodeLocal DNSCache. */
export function letsReachNodeLocal({ term }: ReadPeer): boolean {
  const position = positionOf(NODE_LOCAL_ADDRESS);
  return term?.kind === 'block' && position !== undefined && isInBlock(term.block, position);
}
