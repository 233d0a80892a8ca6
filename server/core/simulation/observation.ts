import type {
  DecidingPolicy,
  Direction,
  Flow,
  FlowEndpoint,
  FlowKind,
  L7Summary,
  Protocol,
  Reply,
  TcpFlags,
  Verdict,
} from '#core/flow/flow.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { Entity } from '#core/identity/peer.ts';
import type { TrueConversation } from './truth.ts';

/** Where in the data path something was seen. */
export const OBSERVATION_POINTS = [
  'policy-verdict',
  'drop',
  'to-endpoint',
  'to-proxy',
  'to-stack',
  'to-overlay',
  'socket-before',
  'socket-after',
  'l7',
] as const;
export type ObservationPoint = (typeof OBSERVATION_POINTS)[number];

/** One end as a node's data path describes it. Shared by all observations of that end, so it can key a cache. */
export interface ObservedEnd {
  readonly ip: string;
  readonly mac: string;
  /** Number of the endpoint on its node; undefined when the end is not local to the reporting node. */
  readonly endpointId: number | undefined;
  readonly identity: number;
  readonly cluster: string | undefined;
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  readonly serviceAccount: string | undefined;
  /** Owners; only where the end is local to the reporting node. */
  readonly workloads: readonly { readonly name: string; readonly kind: string }[];
  readonly labels: ReadonlyMap<string, string>;
  readonly namespaceLabels: ReadonlyMap<string, string>;
  readonly entities: readonly Entity[];
  /** Name of the FQDN identity, where the data path gave it one. */
  readonly fqdn: string | undefined;
}

/** TCP flags as a packet carries them. */
export interface PacketFlags extends TcpFlags {
  readonly psh: boolean;
}

/** What a proxy saw. Names end in a dot, as on the wire. */
export interface L7Record {
  readonly kind: 'request' | 'response';
  /** Undefined on requests. */
  readonly latencyNs: number | undefined;
  readonly http:
    | {
        readonly method: string;
        readonly url: string;
        readonly path: string;
        readonly code: number | undefined;
      }
    | undefined;
  readonly dns:
    | {
        readonly query: string;
        readonly type: 'A' | 'AAAA';
        readonly ips: readonly string[];
        readonly rcode: number;
      }
    | undefined;
}

/** One report by the data path about a conversation, in words no source owns. */
export interface Observation {
  readonly conversation: TrueConversation;
  readonly at: EpochMs;
  /** Nanoseconds within the millisecond. */
  readonly atNanos: number;
  readonly uuid: string;
  readonly node: string;
  readonly point: ObservationPoint;
  readonly verdict: Verdict;
  readonly dropReason: string | undefined;
  readonly protocol: Protocol;
  readonly source: ObservedEnd;
  readonly sourcePort: number | undefined;
  readonly destination: ObservedEnd;
  readonly destinationPort: number | undefined;
  readonly flags: PacketFlags | undefined;
  readonly icmpType: number | undefined;
  readonly reply: Reply;
  readonly direction: Direction;
  /** What connection tracking said about the packet. */
  readonly reason: 'new' | 'established' | 'reply' | 'unknown';
  readonly sourceNames: readonly string[];
  readonly destinationNames: readonly string[];
  readonly l7: L7Record | undefined;
  readonly service: { readonly namespace: string; readonly name: string } | undefined;
  /** The policy that let the packet pass; only on policy verdicts. */
  readonly allowedBy: DecidingPolicy | undefined;
  /** Identifies the client's socket on its node; only at socket points. */
  readonly socketCookie: number | undefined;
}

/** What a simulated cluster reports, in time order. */
export type SimulationEvent =
  | { readonly kind: 'flow'; readonly observation: Observation }
  /** The node could not keep up: `count` observations never came. */
  | {
      readonly kind: 'lost-events';
      readonly at: EpochMs;
      readonly atNanos: number;
      readonly node: string;
      readonly count: number;
    }
  | {
      readonly kind: 'node-status';
      readonly at: EpochMs;
      readonly atNanos: number;
      readonly change: 'connected' | 'unavailable';
      readonly nodes: readonly string[];
    };

const KIND_OF_POINT: Readonly<Record<ObservationPoint, FlowKind>> = {
  'policy-verdict': 'policy-verdict',
  drop: 'drop',
  'to-endpoint': 'trace',
  'to-proxy': 'trace',
  'to-stack': 'trace',
  'to-overlay': 'trace',
  'socket-before': 'socket',
  'socket-after': 'socket',
  l7: 'l7',
};

interface EndFacts {
  readonly end: ObservedEnd;
  readonly port: number | undefined;
  readonly names: readonly string[];
}

/** A source that names the namespace or the FQDN in labels alone still tells them. */
const endpointOf = ({ end, port, names }: EndFacts): FlowEndpoint => ({
  ip: end.ip,
  port,
  identity: end.identity,
  cluster: end.cluster,
  namespace: end.namespace ?? end.namespaceLabels.get('kubernetes.io/metadata.name'),
  pod: end.pod,
  workloads: end.workloads,
  labels: end.labels,
  namespaceLabels: end.namespaceLabels,
  entities: end.entities,
  names: names.length === 0 && end.fqdn !== undefined ? [end.fqdn] : names,
});

function l7SummaryOf(record: L7Record): L7Summary {
  return {
    kind: record.kind,
    ...(record.http && {
      http: { method: record.http.method, path: record.http.path, code: record.http.code },
    }),
    ...(record.dns && { dns: { query: record.dns.query, ips: record.dns.ips, rcode: record.dns.rcode } }),
  };
}

/** The observation as the common flow: what a faithful source would deliver. */
export function flowOf(observation: Observation): Flow {
  const { source, destination, flags } = observation;
  return {
    at: observation.at,
    atNanos: observation.atNanos,
    uuid: observation.uuid,
    node: observation.node,
    kind: KIND_OF_POINT[observation.point],
    verdict: observation.verdict,
    dropReason: observation.dropReason,
    protocol: observation.protocol,
    source: endpointOf({ end: source, port: observation.sourcePort, names: observation.sourceNames }),
    destination: endpointOf({
      end: destination,
      port: observation.destinationPort,
      names: observation.destinationNames,
    }),
    tcpFlags: flags && { syn: flags.syn, ack: flags.ack, rst: flags.rst, fin: flags.fin },
    icmpType: observation.icmpType,
    reply: observation.reply,
    direction: observation.direction,
    isNew: observation.reason === 'new',
    l7: observation.l7 && l7SummaryOf(observation.l7),
    service: observation.service,
    allowedBy: observation.allowedBy === undefined ? [] : [observation.allowedBy],
    deniedBy: [],
    count: 1,
    isAggregate: false,
  };
}
