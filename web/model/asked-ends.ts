import type { EdgeDetail, GraphEdge, GraphNode } from '#contract/graph.ts';
import { ENTITIES } from '#core/identity/peer.ts';
import type { PolicyQuestions } from './ports.ts';

/** Why an edge is nothing that policies of `networking.k8s.io/v1` have an answer to. */
export type Unasked =
  /** Neither end is a workload, so no policy is about it. */
  | 'no-workload'
  /** No one port of TCP, UDP or SCTP. */
  | 'no-port'
  /** An end outside of which no address is known. */
  | 'no-address'
  /** An end whose name can not be written in a question. */
  | 'no-name';

type ExplainBody = PolicyQuestions['explain']['body'];

/** An edge as a question, all but whose policies. */
export type EdgeQuestion =
  | {
      readonly ok: true;
      readonly body: Pick<ExplainBody, 'from' | 'to' | 'port' | 'protocol'>;
      /** The address that stands for a name outside. */
      readonly address: string | undefined;
    }
  | { readonly ok: false; readonly why: Unasked };

/** `shop/cart[Deployment]`, as answers name a workload; undefined for another vertex, or a name that says too much. */
export function workloadText({ kind, namespace, label, workloadKind }: GraphNode): string | undefined {
  if (kind !== 'workload' || namespace === undefined || workloadKind === undefined) return undefined;
  const isPlain = [namespace, label, workloadKind].every((part) => part !== '' && !/[/[\]]/.test(part));
  return isPlain ? `${namespace}/${label}[${workloadKind}]` : undefined;
}

/** `shop/cart` of `shop/cart[Deployment]`: enough for the eye, where the kind is said elsewhere or does not matter. */
export const withoutKind = (text: string): string => text.replace(/\[[A-Za-z]{1,64}\]$/, '');

function endText(node: GraphNode, address: string | undefined): string | undefined {
  switch (node.kind) {
    case 'workload':
      return workloadText(node);
    case 'cidr':
      return node.label;
    case 'entity':
      return ENTITIES.find((entity) => entity === node.label);
    default:
      return address;
  }
}

/** The address seen last. */
function latestAddress(addresses: EdgeDetail['addresses']): string | undefined {
  return addresses.reduce<EdgeDetail['addresses'][number] | undefined>(
    (latest, each) => (latest === undefined || each.lastSeenAt > latest.lastSeenAt ? each : latest),
    undefined,
  )?.ip;
}

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;

const isNamed = ({ kind }: GraphNode): boolean => kind === 'fqdn' || kind === 'other-external';

/** The question whether policies allow this edge. */
export function edgeQuestion(
  edge: Pick<GraphEdge, 'protocol' | 'port'>,
  ends: { readonly from: GraphNode; readonly to: GraphNode },
  addresses: EdgeDetail['addresses'],
): EdgeQuestion {
  const { from, to } = ends;
  const protocol = PROTOCOLS.find((each) => each === edge.protocol);
  if (from.kind !== 'workload' && to.kind !== 'workload') return { ok: false, why: 'no-workload' };
  if (protocol === undefined || typeof edge.port !== 'number' || edge.port < 1)
    return { ok: false, why: 'no-port' };
  const address = isNamed(from) || isNamed(to) ? latestAddress(addresses) : undefined;
  const [client, server] = [endText(from, address), endText(to, address)];
  if (client !== undefined && server !== undefined) {
    return { ok: true, body: { from: client, to: server, port: edge.port, protocol }, address };
  }
  const isUnnamed = [from, to].some((node) => node.kind === 'workload' && workloadText(node) === undefined);
  return { ok: false, why: isUnnamed ? 'no-name' : 'no-address' };
}
