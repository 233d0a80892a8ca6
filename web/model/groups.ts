import type { GraphNode } from '#contract/graph.ts';

/** Names one box of the map: `ns:cluster/namespace`, or one of the three places outside namespaces. */
export type GroupId = string;

export type GroupKind = 'namespace' | 'outside-callers' | 'outside-called' | 'cluster';

/** A box of the map: a namespace, or things that live in none. */
export interface Group {
  readonly id: GroupId;
  readonly kind: GroupKind;
  /** The namespace; for the other kinds the page has words of its own. */
  readonly namespace: string | undefined;
  readonly cluster: string | undefined;
}

/** Which side of a conversation a vertex was seen on. */
export interface Sides {
  readonly calls: boolean;
  readonly isCalled: boolean;
}

/** Entities that are part of the cluster itself, by the label they carry. */
const CLUSTER_ENTITIES: ReadonlySet<string> = new Set([
  'host',
  'remote-node',
  'kube-apiserver',
  'health',
  'ingress',
  'unmanaged',
  'init',
]);

/**
 * The box a vertex belongs in when it is first met. Outside vertices that only call stand on the left, those that
 * are called on the right, so that the picture reads in call direction.
 */
export function groupOf(node: GraphNode, sides: Sides): Group {
  if (node.kind === 'workload') {
    const namespace = node.namespace ?? '';
    const cluster = node.cluster ?? '';
    return { id: `ns:${cluster}/${namespace}`, kind: 'namespace', namespace, cluster };
  }
  const isCluster = node.kind === 'entity' && CLUSTER_ENTITIES.has(node.label);
  const outside: GroupKind = sides.isCalled ? 'outside-called' : 'outside-callers';
  return placeless(isCluster ? 'cluster' : outside);
}

/** The box with this id, or undefined when it is no box's id. */
export function parseGroupId(id: GroupId): Group | undefined {
  if (id === 'outside-callers' || id === 'outside-called' || id === 'cluster') return placeless(id);
  if (!id.startsWith('ns:')) return undefined;
  const slash = id.lastIndexOf('/');
  if (slash < 0) return undefined;
  return { id, kind: 'namespace', namespace: id.slice(slash + 1), cluster: id.slice(3, slash) };
}

const placeless = (kind: Exclude<GroupKind, 'namespace'>): Group => ({
  id: kind,
  kind,
  namespace: undefined,
  cluster: undefined,
});

/** True for a box that is no namespace: it, and what is in it, is drawn as a hexagon. */
export const isOutside = (id: GroupId): boolean => !id.startsWith('ns:');
