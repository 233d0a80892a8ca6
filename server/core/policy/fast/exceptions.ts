import type { CniProfile, Endpoint } from '../world.ts';
import { hasEnded } from './end-facts.ts';

/** What holds whatever policies say; undefined when the policies decide. */
export function exceptionFor(from: Endpoint, to: Endpoint, profile: CniProfile): boolean | undefined {
  if (isOver(from) || isOver(to)) return false;
  const isFree = isSame(from, to) || isOwnNode(from, to) || (profile.podsReachOwnNode && isOwnNode(to, from));
  return isFree ? true : undefined;
}

const isSame = (from: Endpoint, to: Endpoint): boolean =>
  from.kind === 'pod' &&
  to.kind === 'pod' &&
  from.pod.name === to.pod.name &&
  from.pod.namespace === to.pod.namespace;

const isOwnNode = (end: Endpoint, other: Endpoint): boolean =>
  other.kind === 'pod' && isNodeOf(end, other.pod.node);

const isOver = (end: Endpoint): boolean => end.kind === 'pod' && hasEnded(end.pod);

/** A node always reaches the pods it runs. A `host` that names no node is the pod's own. */
function isNodeOf(from: Endpoint, node: string | undefined): boolean {
  if (from.kind === 'address') return false;
  const ownNode = from.kind === 'pod' ? from.pod.node : from.node;
  const isThere = ownNode !== undefined && ownNode === node;
  if (from.kind === 'pod') return from.pod.hostNetwork && isThere;
  if (from.entity === 'host') return from.node === undefined || from.node === node;
  return (from.entity === 'remote-node' || from.entity === 'kube-apiserver') && isThere;
}
