import type { IpBlock, LabelSelector, NetworkPolicyPeer } from '../network-policy.ts';
import type { CniProfile, Endpoint, IpFamily, Labels, World, WorldPod } from '../world.ts';
import { both, type Fault, isAbsent, isObject, type Outcome } from './fault.ts';
import { familyOf, ipBlockMatches, parseAddress } from './ip-block.ts';
import { selectorMatches } from './selector.ts';

/** What decides whether a peer of a rule is the other end of the connection. */
export interface PeerQuestion {
  readonly world: World;
  readonly profile: CniProfile;
  readonly policyNamespace: string;
  /** The end that is not the policy's subject. */
  readonly other: Endpoint;
  /** The family the connection is made in; undefined when either will do. */
  readonly family: IpFamily | undefined;
}

const NO_LABELS: Labels = [];
const NO_ADDRESSES: readonly string[] = [];

/** A pod that ended keeps its address in its status, but the address may be somebody else's by now. */
export const isTerminated = (pod: WorldPod): boolean => pod.phase === 'Succeeded' || pod.phase === 'Failed';

/** True for a pod that policies can select, as subject and as peer: alive, and with a network of its own. */
export const isSelectable = (pod: WorldPod): boolean => !pod.hostNetwork && !isTerminated(pod);

/** The addresses an end of a connection may use; none when unknown. */
export function addressesOf(endpoint: Endpoint): readonly string[] {
  if (endpoint.ip !== undefined) return [endpoint.ip];
  return endpoint.kind === 'pod' ? endpoint.pod.ips : NO_ADDRESSES;
}

/** What is wrong with a peer as a whole, or undefined. */
export function peerFault(peer: NetworkPolicyPeer): Fault | undefined {
  if (!isObject(peer)) return 'not_an_object';
  const hasSelector = !isAbsent(peer.podSelector) || !isAbsent(peer.namespaceSelector);
  if (!isAbsent(peer.ipBlock)) return hasSelector ? 'peer_mixed' : undefined;
  return hasSelector ? undefined : 'peer_empty';
}

/** Whether one entry of `from` or `to` is the other end of the connection. */
export function peerMatches(peer: NetworkPolicyPeer, question: PeerQuestion): Outcome {
  const fault = peerFault(peer);
  if (fault !== undefined) return fault;
  if (!isAbsent(peer.ipBlock)) return blockMatches(peer.ipBlock, question);
  const { other } = question;
  if (other.kind !== 'pod' || !isSelectable(other.pod)) return 'no';
  return both(
    namespaceMatches(peer.namespaceSelector, other.pod.namespace, question),
    isAbsent(peer.podSelector) ? 'yes' : selectorMatches(peer.podSelector, other.pod.labels),
  );
}

/** Without a namespaceSelector a peer is bound to the policy's own namespace. */
function namespaceMatches(
  selector: LabelSelector | null | undefined,
  namespace: string,
  question: PeerQuestion,
): Outcome {
  if (isAbsent(selector)) return namespace === question.policyNamespace ? 'yes' : 'no';
  for (const known of question.world.namespaces) {
    if (known.name === namespace) return selectorMatches(selector, known.labels);
  }
  return selectorMatches(selector, NO_LABELS);
}

/** Any of the addresses will do; an end whose address is unknown is in no block. */
function blockMatches(block: IpBlock, question: PeerQuestion): Outcome {
  if (!isVisibleToBlocks(question.other, question.profile)) return 'no';
  let outcome: Outcome = 'no';
  for (const text of addressesOf(question.other)) {
    const address = parseAddress(text);
    const isMeant =
      address !== undefined && (question.family === undefined || question.family === familyOf(address));
    const answer = isMeant ? ipBlockMatches(block, address) : 'no';
    if (answer === 'yes') return 'yes';
    if (answer !== 'no') outcome = answer;
  }
  return outcome;
}

/** What the specification leaves open: which ends of a connection an ipBlock is held against at all. */
function isVisibleToBlocks(other: Endpoint, profile: CniProfile): boolean {
  if (other.kind === 'address') return true;
  if (other.kind === 'pod') {
    if (isTerminated(other.pod)) return false;
    return other.pod.hostNetwork ? profile.ipBlockMatchesNodes : profile.ipBlockMatchesPods;
  }
  switch (other.entity) {
    case 'world':
      return true;
    case 'host':
    case 'remote-node':
    case 'kube-apiserver':
      return profile.ipBlockMatchesNodes;
    default:
      return profile.ipBlockMatchesReserved;
  }
}
