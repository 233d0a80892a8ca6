import type { DecidingPolicy } from '../flow/flow.ts';
import type { Edge, EdgePort } from '../graph/edge.ts';
import { describePeer, type Peer, parseWorkloadId } from '../identity/peer.ts';

/** What the data path did, in the words of a query. */
export const QUERY_VERDICTS = ['allowed', 'denied', 'audited', 'failed'] as const;
export type QueryVerdict = (typeof QUERY_VERDICTS)[number];

/** One end of an edge as queries see it, on the server and in the page. */
export interface QueryEnd {
  readonly kind: Peer['kind'];
  /** As shown: `shop/cart[Deployment]`, `world`, `203.0.113.9/32`, `api.example.com`. */
  readonly text: string;
  /** Of a workload. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  /** `key=value`, of any of its pods; undefined where labels are not known. */
  readonly labels: readonly string[] | undefined;
}

/** An edge as queries see it. */
export interface QueryEdge {
  readonly from: QueryEnd;
  readonly to: QueryEnd;
  readonly protocol: string;
  readonly port: EdgePort;
  readonly verdicts: readonly QueryVerdict[];
  /** Deciding policies, `namespace/name` or a bare name. */
  readonly policies: readonly string[];
  /** DNS names that were learnt for the end outside. */
  readonly names: readonly string[];
  /** Addresses of the end outside. */
  readonly addresses: readonly string[];
  /** Not in the baseline; undefined while there is none. */
  readonly isNew: boolean | undefined;
  /** Conversations a minute. */
  readonly rate: number;
}

/** What is known of an edge beside itself. */
export interface QueryFacts {
  /** Labels of a workload's pods as `key=value`; undefined where they are not known. */
  readonly labelsOf: (peer: Peer) => readonly string[] | undefined;
  readonly isNew: (edge: Edge) => boolean | undefined;
  /** Conversations a minute. */
  readonly rateOf: (edge: Edge) => number;
}

function endOf(peer: Peer, facts: QueryFacts): QueryEnd {
  const common = { kind: peer.kind, text: describePeer(peer), labels: facts.labelsOf(peer) };
  if (peer.kind !== 'workload') return { ...common, namespace: undefined, name: undefined };
  const { namespace, name } = parseWorkloadId(peer.id);
  return { ...common, namespace, name };
}

function verdictsOf({
  forwarded,
  redirected,
  audited,
  denied,
  failed,
}: Edge['outcomes']): readonly QueryVerdict[] {
  const counts: readonly (readonly [QueryVerdict, number])[] = [
    ['allowed', forwarded + redirected],
    ['denied', denied],
    ['audited', audited],
    ['failed', failed],
  ];
  return counts.filter(([, count]) => count > 0).map(([verdict]) => verdict);
}

const policyText = ({ namespace, name }: DecidingPolicy): string =>
  namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;

/** Policies that the flows name as deciding, `namespace/name`, each once. */
export const decidingPolicies = ({
  allowedBy,
  deniedBy,
}: Pick<Edge, 'allowedBy' | 'deniedBy'>): readonly string[] => [
  ...new Set([...allowedBy.values(), ...deniedBy.values()].map(policyText)),
];

/** A server's edge as queries see it. */
export const queryEdgeOf = (edge: Edge, facts: QueryFacts): QueryEdge => ({
  from: endOf(edge.from, facts),
  to: endOf(edge.to, facts),
  protocol: edge.protocol,
  port: edge.port,
  verdicts: verdictsOf(edge.outcomes),
  policies: decidingPolicies(edge),
  names: [...edge.names],
  addresses: [...edge.addresses.keys()],
  isNew: facts.isNew(edge),
  rate: facts.rateOf(edge),
});
