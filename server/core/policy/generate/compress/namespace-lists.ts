import { sortedBy, sortedText } from '#core/order.ts';
import type { LabelSelector, NetworkPolicyPeer } from '../../network-policy.ts';
import { peerText } from './peer-row.ts';

/** The label that the API server puts on every namespace. */
export const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

/** The namespace a peer is bound to by name and by nothing else. */
function namedNamespace(selector: LabelSelector | null | undefined): string | undefined {
  const labels = Object.entries(selector?.matchLabels ?? {});
  const [key, name] = labels[0] ?? [];
  const isAlone = labels.length === 1 && (selector?.matchExpressions ?? []).length === 0;
  return isAlone && key === NAMESPACE_NAME_LABEL ? name : undefined;
}

function listed(peers: readonly NetworkPolicyPeer[], names: readonly string[]): readonly NetworkPolicyPeer[] {
  const [first] = peers;
  if (first === undefined || names.length < 2) return peers;
  const expression = { key: NAMESPACE_NAME_LABEL, operator: 'In', values: sortedText(names) };
  return [{ ...first, namespaceSelector: { matchExpressions: [expression] } }];
}

/**
 * Peers with the same pod labels in several namespaces become one with a list of namespaces. Each keeps its own pod
 * labels, so that no pair of namespace and labels is admitted that was not before.
 */
export function withNamespaceLists(peers: readonly NetworkPolicyPeer[]): readonly NetworkPolicyPeer[] {
  const byLabels = new Map<string, { readonly peers: NetworkPolicyPeer[]; readonly names: string[] }>();
  const rest: NetworkPolicyPeer[] = [];
  for (const peer of peers) {
    const name = namedNamespace(peer.namespaceSelector);
    const { podSelector } = peer;
    if (name === undefined || podSelector === undefined || podSelector === null) {
      rest.push(peer);
      continue;
    }
    const key = peerText({ podSelector });
    const known = byLabels.get(key) ?? { peers: [], names: [] };
    known.peers.push(peer);
    known.names.push(name);
    byLabels.set(key, known);
  }
  const joined = [...byLabels.values()].flatMap((each) => listed(each.peers, each.names));
  return sortedBy([...rest, ...joined], peerText);
}
