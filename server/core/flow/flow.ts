import type { Entity } from '#core/identity/peer.ts';
import type { EpochMs } from './time.ts';

/** What the data path did. `traced` and `translated` are no verdict yet: never evidence of "allowed". */
export const VERDICTS = [
  'forwarded',
  'redirected',
  'audit',
  'dropped',
  'error',
  'traced',
  'translated',
  'unknown',
] as const;
export type Verdict = (typeof VERDICTS)[number];

export const PROTOCOLS = ['TCP', 'UDP', 'SCTP', 'ICMPv4', 'ICMPv6', 'VRRP', 'IGMP', 'unknown'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** Whether the reporting data path took this packet for a reply; unknown is a state of its own. */
export type Reply = 'request' | 'reply' | 'unknown';

/** As seen by the endpoint that reported it. */
export type Direction = 'ingress' | 'egress' | 'unknown';

/** Which part of the data path reported the flow (Hubble `event_type.type`). */
export const FLOW_KINDS = ['drop', 'trace', 'policy-verdict', 'socket', 'l7', 'other'] as const;
export type FlowKind = (typeof FLOW_KINDS)[number];

/** Only these drop reasons speak about policy; any other drop is a fault of the network. */
export const POLICY_DROP_REASONS: ReadonlySet<string> = new Set([
  'POLICY_DENIED',
  'POLICY_DENY',
  'AUTH_REQUIRED',
]);

/** One end of a flow as the source described it. Strings are as received: resolve before using one as a key. */
export interface FlowEndpoint {
  readonly ip: string | undefined;
  /** Undefined when the protocol has none or the source left it out. Never 0. */
  readonly port: number | undefined;
  /** Security identity; undefined when unknown (0 on the wire). */
  readonly identity: number | undefined;
  readonly cluster: string | undefined;
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  /** Owners as reported; only for endpoints local to the reporting node. */
  readonly workloads: readonly { readonly name: string; readonly kind: string }[];
  /** Pod labels without their `k8s:` source prefix; other sources are left out, reserved ones become `entities`. */
  readonly labels: ReadonlyMap<string, string>;
  /** Labels of the pod's namespace that Cilium copies onto the endpoint. */
  readonly namespaceLabels: ReadonlyMap<string, string>;
  readonly entities: readonly Entity[];
  /** DNS names the data path knew for the address. */
  readonly names: readonly string[];
}

/** TCP flags that tell who opened, refused or ended a connection. */
export interface TcpFlags {
  readonly syn: boolean;
  readonly ack: boolean;
  readonly rst: boolean;
  readonly fin: boolean;
}

export interface L7Summary {
  readonly kind: 'request' | 'response' | 'sample' | 'unknown';
  readonly http?: { readonly method: string; readonly path: string; readonly code: number | undefined };
  readonly dns?: { readonly query: string; readonly ips: readonly string[]; readonly rcode: number };
}

/** A policy the data path named as the one that decided. */
export interface DecidingPolicy {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** One observation by the data path. After the edge, nobody knows which source it came from. */
export interface Flow {
  readonly at: EpochMs;
  /** Nanoseconds within the millisecond, 0 to 999 999. */
  readonly atNanos: number;
  readonly uuid: string | undefined;
  readonly node: string | undefined;
  readonly kind: FlowKind;
  readonly verdict: Verdict;
  readonly dropReason: string | undefined;
  readonly protocol: Protocol;
  readonly source: FlowEndpoint;
  readonly destination: FlowEndpoint;
  readonly tcpFlags: TcpFlags | undefined;
  readonly icmpType: number | undefined;
  readonly reply: Reply;
  readonly direction: Direction;
  /** The conntrack state said this is the first packet of a connection. */
  readonly isNew: boolean;
  readonly l7: L7Summary | undefined;
  /** The Service the client addressed, kept as evidence and never put into a policy. */
  readonly service: { readonly namespace: string; readonly name: string } | undefined;
  readonly allowedBy: readonly DecidingPolicy[];
  readonly deniedBy: readonly DecidingPolicy[];
  /** How many observations this one stands for; 1 unless the source aggregates. */
  readonly count: number;
  /** True when the source merged many observations into this one: it skips the conversation merge. */
  readonly isAggregate: boolean;
}

/** True when the drop speaks about policy. */
export const isPolicyDenial = (flow: Pick<Flow, 'verdict' | 'dropReason'>): boolean =>
  flow.verdict === 'dropped' && flow.dropReason !== undefined && POLICY_DROP_REASONS.has(flow.dropReason);
