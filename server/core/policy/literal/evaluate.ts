import type { CniProfile, Connection, Endpoint, IpFamily, World, WorldPod } from '../world.ts';
import { judgeDirection } from './direction.ts';
import { familyOf, parseAddress } from './ip-block.ts';
import { addressesOf, isTerminated } from './peers.ts';
import type { Question, Verdict, VerdictReason } from './verdict.ts';

/**
 * Judges one connection by reading every policy of the world, as literally as the specification puts it: no index,
 * no cache, no classes of pods. Malformed pieces match nothing and are named in the verdict's doubts; it never throws.
 *
 * Replies are part of the connection. Only pods with a network of their own are subjects: a host-network pod is its
 * node, as subject and as peer. A connection needs the source's egress and the destination's ingress.
 */
export function evaluate(world: World, connection: Connection, profile: CniProfile): Verdict {
  const [first, ...others] = familiesOf(connection);
  const verdict = judge({ world, connection, profile, family: first });
  for (const family of verdict.allowed ? [] : others) {
    const other = judge({ world, connection, profile, family });
    if (other.allowed) return other;
  }
  return verdict;
}

function judge(question: Question): Verdict {
  const egress = judgeDirection(question, 'egress');
  const ingress = judgeDirection(question, 'ingress');
  const reason = reasonFor(question);
  const allowed = reason === 'policy' ? egress.allowed && ingress.allowed : reason !== 'terminated';
  return { allowed, reason, family: question.family, egress, ingress };
}

function reasonFor({ connection: { from, to }, profile }: Question): VerdictReason {
  if (hasTerminated(from) || hasTerminated(to)) return 'terminated';
  if (from.kind === 'pod' && to.kind === 'pod' && isSamePod(from.pod, to.pod)) return 'same-pod';
  if (to.kind === 'pod' && isOwnNode(from, to.pod.node)) return 'own-node';
  const reachesNode = profile.podsReachOwnNode && from.kind === 'pod' && isOwnNode(to, from.pod.node);
  return reachesNode ? 'own-node' : 'policy';
}

const hasTerminated = (end: Endpoint): boolean => end.kind === 'pod' && isTerminated(end.pod);

const isSamePod = (from: WorldPod, to: WorldPod): boolean =>
  from.name === to.name && from.namespace === to.namespace;

/** A node may always reach the pods it runs (probes); other nodes are not covered by that promise. */
function isOwnNode(end: Endpoint, podNode: string | undefined): boolean {
  if (end.kind === 'address') return false;
  if (end.kind === 'pod') return end.pod.hostNetwork && isSameNode(end.pod.node, podNode);
  switch (end.entity) {
    case 'host':
      return end.node === undefined || end.node === podNode;
    case 'remote-node':
    case 'kube-apiserver':
      return isSameNode(end.node, podNode);
    default:
      return false;
  }
}

const isSameNode = (node: string | undefined, podNode: string | undefined): boolean =>
  node !== undefined && node === podNode;

const EITHER: readonly (IpFamily | undefined)[] = [undefined];

/**
 * The families to judge on their own: both directions of a connection use the same one. Only asked when an end has
 * several addresses; two ends without a common family are judged as if either would do.
 */
function familiesOf({ from, to }: Connection): readonly (IpFamily | undefined)[] {
  const fromAddresses = addressesOf(from);
  const toAddresses = addressesOf(to);
  if (fromAddresses.length < 2 && toAddresses.length < 2) return EITHER;
  const possible = familiesAmong(toAddresses);
  const common = familiesAmong(fromAddresses).filter((family) => possible.includes(family));
  return common.length === 0 ? EITHER : common;
}

const BOTH_FAMILIES: readonly IpFamily[] = ['IPv4', 'IPv6'];

/** An end whose addresses are unknown may speak either. */
function familiesAmong(addresses: readonly string[]): readonly IpFamily[] {
  const parsed = addresses.map(parseAddress).filter((address) => address !== undefined);
  if (parsed.length === 0) return BOTH_FAMILIES;
  return BOTH_FAMILIES.filter((family) => parsed.some((address) => familyOf(address) === family));
}
