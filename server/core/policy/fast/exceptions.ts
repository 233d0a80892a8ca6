import type { Endpoint } from '../world.ts';
import { hasEnded } from './end-facts.ts';

/** What holds whatever policies say; undefined when the policies decide. */
export function exceptionFor(from: Endpoint, to: Endpoint): boolean | undefined {
  if (isOver(from) || isOver(to)) return false;
  if (to.kind !== 'pod') return undefined;
  const isSame =
    from.kind === 'pod' && from.pod.name === to.pod.name && from.pod.namespace === to.pod.namespace;
  return isSame || isNodeOf(from, to.pod.node) ? true : undefined;
}

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
