/**
 * Messages of the Observer protocol as protobufjs hands them out: an absent scalar is its zero, an absent list is
 * empty, an absent message is null; a 64-bit number is a `Long`, or a number where it was made here.
 */

/** protobufjs's 64-bit number. */
export type Int64 = number | { toNumber(): number; toString(): string };

export interface TimestampMessage {
  readonly seconds: Int64;
  readonly nanos: number;
}

export interface EndpointMessage {
  readonly ID: number;
  readonly identity: number;
  readonly namespace: string;
  readonly labels: readonly string[];
  readonly pod_name: string;
  readonly workloads: readonly WorkloadMessage[];
  readonly cluster_name: string;
}

export interface WorkloadMessage {
  readonly name: string;
  readonly kind: string;
}

export interface ServiceMessage {
  readonly name: string;
  readonly namespace: string;
}

export interface PortsMessage {
  readonly source_port: number;
  readonly destination_port: number;
}

export const TCP_FLAG_NAMES = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'NS'] as const;
export type FlagsMessage = { readonly [Name in (typeof TCP_FLAG_NAMES)[number]]: boolean };

export interface Layer4Message {
  readonly TCP: (PortsMessage & { readonly flags: FlagsMessage | null }) | null;
  readonly UDP: PortsMessage | null;
  readonly SCTP: PortsMessage | null;
  readonly ICMPv4: object | null;
  readonly ICMPv6: object | null;
  readonly VRRP: object | null;
  readonly IGMP: object | null;
}

export interface HeaderMessage {
  readonly key: string;
  readonly value: string;
}

export interface Layer7Message {
  readonly dns: { readonly query: string } | null;
  readonly http: {
    readonly code: number;
    readonly method: string;
    readonly url: string;
    readonly headers: readonly HeaderMessage[];
  } | null;
  readonly kafka: object | null;
}

export interface InterfaceMessage {
  readonly index: number;
  readonly name: string;
}

/** The fields of `flow.Flow` that filters, masks and the ring look at. */
export interface FlowMessage {
  readonly time: TimestampMessage | null;
  readonly uuid: string;
  readonly verdict: number;
  readonly drop_reason_desc: number;
  readonly IP: {
    readonly source: string;
    readonly destination: string;
    readonly source_xlated: string;
    readonly ipVersion: number;
    readonly encrypted: boolean;
  } | null;
  readonly l4: Layer4Message | null;
  readonly l7: Layer7Message | null;
  readonly source: EndpointMessage | null;
  readonly destination: EndpointMessage | null;
  readonly source_names: readonly string[];
  readonly destination_names: readonly string[];
  readonly source_service: ServiceMessage | null;
  readonly destination_service: ServiceMessage | null;
  readonly event_type: { readonly type: number; readonly sub_type: number } | null;
  readonly traffic_direction: number;
  readonly is_reply: { readonly value: boolean } | null;
  readonly interface: InterfaceMessage | null;
  readonly trace_context: { readonly parent: { readonly trace_id: string } | null } | null;
  readonly ip_trace_id: { readonly trace_id: Int64 } | null;
  readonly node_name: string;
  readonly node_labels: readonly string[];
}

/** `observer.GetFlowsResponse`: a flow, what became of nodes, or what was lost. */
export interface ResponseMessage {
  readonly flow: FlowMessage | null;
  readonly node_status: {
    readonly state_change: number;
    readonly node_names: readonly string[];
    readonly message: string;
  } | null;
  readonly lost_events: { readonly source: number; readonly num_events_lost: Int64 } | null;
  readonly node_name: string;
  readonly time: TimestampMessage | null;
}

export interface EventTypeMessage {
  readonly type: number;
  readonly match_sub_type: boolean;
  readonly sub_type: number;
}

type Texts = readonly string[];
type Numbers = readonly number[];

/** `flow.FlowFilter`. */
export interface FilterMessage {
  readonly uuid: Texts;
  readonly source_ip: Texts;
  readonly source_ip_xlated: Texts;
  readonly source_pod: Texts;
  readonly source_fqdn: Texts;
  readonly source_label: Texts;
  readonly source_service: Texts;
  readonly source_workload: readonly WorkloadMessage[];
  readonly source_cluster_name: Texts;
  readonly destination_ip: Texts;
  readonly destination_pod: Texts;
  readonly destination_fqdn: Texts;
  readonly destination_label: Texts;
  readonly destination_service: Texts;
  readonly destination_workload: readonly WorkloadMessage[];
  readonly destination_cluster_name: Texts;
  readonly traffic_direction: Numbers;
  readonly verdict: Numbers;
  readonly drop_reason_desc: Numbers;
  readonly interface: readonly InterfaceMessage[];
  readonly event_type: readonly EventTypeMessage[];
  readonly http_status_code: Texts;
  readonly http_method: Texts;
  readonly http_path: Texts;
  readonly http_url: Texts;
  readonly http_header: readonly HeaderMessage[];
  readonly protocol: Texts;
  readonly source_port: Texts;
  readonly destination_port: Texts;
  readonly reply: readonly boolean[];
  readonly dns_query: Texts;
  readonly source_identity: Numbers;
  readonly destination_identity: Numbers;
  readonly tcp_flags: readonly FlagsMessage[];
  readonly node_name: Texts;
  readonly node_labels: Texts;
  readonly ip_version: Numbers;
  readonly trace_id: Texts;
  readonly ip_trace_id: readonly Int64[];
  readonly encrypted: readonly boolean[];
  readonly experimental: { readonly cel_expression: Texts } | null;
}

/** `observer.GetFlowsRequest`. */
export interface FlowsRequest {
  readonly number: Int64;
  readonly first: boolean;
  readonly follow: boolean;
  readonly whitelist: readonly FilterMessage[];
  readonly blacklist: readonly FilterMessage[];
  readonly since: TimestampMessage | null;
  readonly until: TimestampMessage | null;
  readonly field_mask: { readonly paths: Texts } | null;
  readonly experimental: { readonly field_mask: { readonly paths: Texts } | null } | null;
}

/** A 64-bit number as a double: exact up to 2^53, which no count or second here passes. */
export const numberOf = (value: Int64): number => (typeof value === 'number' ? value : value.toNumber());

/** Nanoseconds since 1970, exact; what times are compared by. */
export const nanosOf = (time: TimestampMessage): bigint =>
  BigInt(numberOf(time.seconds)) * 1_000_000_000n + BigInt(time.nanos);
