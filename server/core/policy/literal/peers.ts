import type { IpBlock, LabelSelector, NetworkPolicyPeer } from '../network-policy.ts';
import type { CniProfile, Endpoint, IpFamily, Labels, World, WorldPod } from '../world.ts';
import { both, type Fault, isAbsent, isObject, type Outcome } from './fault.ts';
import { familyOf, ipBlockMatches, parseAddress } from './ip-block.ts';
import { selectorMatches } from './selector.ts';
import type { PolicyDirection } from './verdict.ts';

/** What decides whether a peer of a rule is the other end of the connection. */
export interface PeerQuestion {
  readonly world: World;
  readonly profile: CniProfile;
  readonly policyNamespace: string;
  readonly direction: PolicyDirection;
  /** The end that is not the policy's subject. */
  readonly other: Endpoint;
  /** The family the connection is made in; undefined when either will do. */
  readonly family: IpFamily | undefined;
}

const NO_LABELS: Labels = [];
const NO_ADDRESSES: readonly string[] = [];

/** A pod that ended keeps its address in its status, but the address may be somebody else's by now. */
export const isTerminated = (pod: WorldPod): boolean => pod.phase === 'Succeeded' || pod.phase === 'Failed';

/** True for a pod that policies can be about: alive, and with a network of its own. */
export const isGoverned = (pod: WorldPod, { governsBarePods }: CniProfile): boolean =>
  !pod.hostNetwork && !isTerminated(pod) && (governsBarePods || pod.bare !== true);

/** True for a pod that the selectors of a peer can find. */
export const isFindable = (pod: WorldPod, { selectorsFindHostNetwork }: CniProfile): boolean =>
  !isTerminated(pod) && (selectorsFindHostNetwork || !pod.hostNetwork);

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
  const { other, profile } = question;
  if (isNode(other) && nodeMatches(peer, question) === 'yes') return 'yes';
  if (other.kind !== 'pod' || !isFindable(other.pod, profile)) return 'no';
  return both(
    namespaceMatches(peer.namespaceSelector, other.pod.namespace, question),
    isAbsent(peer.podSelector) ? 'yes' : selectorMatches(peer.podSelector, other.pod.labels),
  );
}

function isNode(end: Endpoint): boolean {
  if (end.kind === 'pod') return end.pod.hostNetwork && !isTerminated(end.pod);
  if (end.kind === 'address') return false;
  return end.entity === 'host' || end.entity === 'remote-node' || end.entity === 'kube-apiserver';
}

/** Where nodes are met as a namespace, a peer means all of them or none, and only as clients. */
function nodeMatches({ namespaceSelector, podSelector }: NetworkPolicyPeer, question: PeerQuestion): Outcome {
  const { nodeNamespace } = question.profile;
  const isWhole = isObject(podSelector) && !asksAnything(podSelector as LabelSelector);
  const isMeant = question.direction === 'ingress' && isWhole && !isAbsent(namespaceSelector);
  if (nodeNamespace === undefined || !isMeant) return 'no';
  return namespaceMatches(namespaceSelector, nodeNamespace.name, question);
}

/** A malformed part asks for something, whatever it is. */
function asksAnything({ matchLabels, matchExpressions }: LabelSelector): boolean {
  const asksLabels =
    !isAbsent(matchLabels) && !(isObject(matchLabels) && Object.keys(matchLabels).length === 0);
  const isList = Array.isArray(matchExpressions);
  return asksLabels || (!isAbsent(matchExpressions) && !(isList && matchExpressions.length === 0));
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
  const { nodeNamespace } = question.profile;
  return selectorMatches(selector, nodeNamespace?.name === namespace ? nodeNamespace.labels : NO_LABELS);
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
