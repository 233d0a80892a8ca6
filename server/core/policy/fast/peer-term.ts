import type { Labels } from '../world.ts';
import { type AddressBlock, blockOf, familyAt, isInBlock } from './address-axis.ts';
import type { EndFacts, Sight } from './end-facts.ts';
import { isMissing, isRecord, listOf } from './json-shape.ts';
import { mayMean, type Selector, selectorKey, selectorOf } from './selector.ts';

/** Whom one entry of `from` or `to` means. */
export type PeerTerm =
  | { readonly kind: 'anyone' }
  | PodsTerm
  | { readonly kind: 'block'; readonly key: string; readonly block: AddressBlock };

/** Pods by labels. Without a selector of namespaces the term is bound to `namespace`; without one of pods: all. */
export interface PodsTerm {
  readonly kind: 'pods';
  /** The same text for terms that ask the same. */
  readonly key: string;
  readonly namespace: string | undefined;
  readonly namespaces: Selector | undefined;
  readonly pods: Selector | undefined;
  /** Nodes are meant as well, where the network meets them as a namespace: only all of them, and as clients. */
  readonly findsNodes: boolean;
}

/** The labels of a namespace; none for one that is not known. */
export type NamespaceLabels = (name: string) => Labels;

const ANYONE: readonly PeerTerm[] = [{ kind: 'anyone' }];

/** Reads `from` or `to` of a rule of a policy in `namespace`; entries that say nothing sound mean nobody. */
export function peerTermsOf(
  peers: unknown,
  namespace: string,
  direction: 'ingress' | 'egress' = 'egress',
): readonly PeerTerm[] {
  if (isMissing(peers)) return ANYONE;
  const entries = listOf(peers);
  if (entries === undefined) return [];
  if (entries.length === 0) return ANYONE;
  return entries
    .map((entry) => readPeer(entry, { namespace, isFrom: direction === 'ingress' }))
    .filter((term) => term !== undefined);
}

function readPeer(entry: unknown, list: Pick<PeerParts, 'namespace' | 'isFrom'>): PeerTerm | undefined {
  if (!isRecord(entry)) return undefined;
  const podSelector = entry['podSelector'];
  const namespaceSelector = entry['namespaceSelector'];
  const hasSelector = !isMissing(podSelector) || !isMissing(namespaceSelector);
  if (isMissing(entry['ipBlock'])) {
    return hasSelector ? podsTerm({ podSelector, namespaceSelector, ...list }) : undefined;
  }
  const block = hasSelector ? undefined : blockOf(entry['ipBlock']);
  if (block === undefined || block.spans.length === 0) return undefined;
  return { kind: 'block', key: `block ${block.key}`, block };
}

interface PeerParts {
  readonly podSelector: unknown;
  readonly namespaceSelector: unknown;
  readonly namespace: string;
  readonly isFrom: boolean;
}

function podsTerm(peer: PeerParts): PodsTerm | undefined {
  const pods = isMissing(peer.podSelector) ? undefined : selectorOf(peer.podSelector);
  const namespaces = isMissing(peer.namespaceSelector) ? undefined : selectorOf(peer.namespaceSelector);
  if (pods?.isSound === false || namespaces?.isSound === false) return undefined;
  const namespace = namespaces === undefined ? peer.namespace : undefined;
  const isWhole = namespaces !== undefined && pods !== undefined && pods.requirements.length === 0;
  const findsNodes = peer.isFrom && isWhole;
  const key = JSON.stringify([
    findsNodes,
    namespace ?? null,
    namespaces === undefined ? null : selectorKey(namespaces),
    pods === undefined ? null : selectorKey(pods),
  ]);
  return { kind: 'pods', key, namespace, namespaces, pods, findsNodes };
}

/** True when the term is about the pods of this namespace, as far as their labels fit. */
export function isAboutNamespace(term: PodsTerm, name: string, labelsOf: NamespaceLabels): boolean {
  if (term.namespaces === undefined) return term.namespace === name;
  return mayMean(term.namespaces, labelsOf(name));
}

/** A peer as its subject sees it. */
export interface SeenPeer {
  readonly facts: EndFacts;
  readonly sight: Sight;
}

/** Whether a term means this end. */
export function means(term: PeerTerm, { facts, sight }: SeenPeer, labelsOf: NamespaceLabels): boolean {
  if (term.kind === 'anyone') return true;
  if (term.kind === 'block') return isSeenInBlock(term.block, facts, sight);
  const { findable, nodesOf } = facts;
  if (nodesOf !== undefined && term.findsNodes && isAboutNamespace(term, nodesOf, labelsOf)) return true;
  if (findable === undefined || !isAboutNamespace(term, findable.namespace, labelsOf)) return false;
  return term.pods === undefined || mayMean(term.pods, findable.labels);
}

function isSeenInBlock(block: AddressBlock, facts: EndFacts, sight: Sight): boolean {
  if (!facts.isVisible) return false;
  const isChoosy = sight !== 'any' && facts.speaks === 'both';
  return facts.positions.some(
    (position) => (!isChoosy || familyAt(position) === sight) && isInBlock(block, position),
  );
}
