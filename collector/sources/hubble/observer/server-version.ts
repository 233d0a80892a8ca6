import type { FlowsResponse } from '../wire/encode-frame.ts';

/** Cilium's minor versions whose shape of the protocol is known: 1.14 to 1.19. */
export const SERVER_MINORS = [14, 15, 16, 17, 18, 19] as const;
export type ServerMinor = (typeof SERVER_MINORS)[number];

/** The minor version of `1.16` or `1.16.4`; undefined for one whose shape is not known. */
export function parseServerVersion(text: string): ServerMinor | undefined {
  const minor = Number(/^v?1\.(\d{1,2})(?:\.\d{1,4})?$/.exec(text)?.[1]);
  return SERVER_MINORS.find((known) => known === minor);
}

/**
 * The first minor version that knows a field, by message and field; what is not here is older than 1.14. From the
 * history of Cilium's `flow.proto` and `observer.proto`.
 */
const KNOWN_SINCE: Readonly<Record<string, ServerMinor>> = {
  'Flow.egress_allowed_by': 15,
  'Flow.ingress_allowed_by': 15,
  'Flow.trace_reason': 16,
  'Flow.node_labels': 16,
  'Flow.egress_denied_by': 16,
  'Flow.ingress_denied_by': 16,
  'Endpoint.cluster_name': 16,
  'IP.source_xlated': 16,
  'Flow.file': 17,
  'Policy.kind': 17,
  'Flow.tunnel': 18,
  'Flow.policy_log': 18,
  'Flow.ip_trace_id': 19,
  'Flow.emitter': 19,
  'Flow.aggregate': 19,
  'Layer4.VRRP': 19,
  'Layer4.IGMP': 19,
  'Tunnel.vni': 19,
  'LostEvent.first': 19,
  'LostEvent.last': 19,
  'GetFlowsRequest.field_mask': 16,
  'FlowFilter.drop_reason_desc': 16,
  'FlowFilter.interface': 16,
  'FlowFilter.node_labels': 16,
  'FlowFilter.source_ip_xlated': 16,
  'FlowFilter.experimental': 16,
  'FlowFilter.source_cluster_name': 17,
  'FlowFilter.destination_cluster_name': 17,
  'FlowFilter.encrypted': 19,
  'FlowFilter.ip_trace_id': 19,
};

/** The last minor version that knows a field. */
const KNOWN_UNTIL: Readonly<Record<string, ServerMinor>> = { 'GetFlowsRequest.experimental': 18 };

/** Whether a server of that version knows the field, as in `knows(16, 'Flow', 'trace_reason')`. */
export function knows(minor: ServerMinor, message: string, field: string): boolean {
  const path = `${message}.${field}`;
  return (KNOWN_SINCE[path] ?? 0) <= minor && minor <= (KNOWN_UNTIL[path] ?? Number.POSITIVE_INFINITY);
}

type Fields = Readonly<Record<string, unknown>>;

/** Fields that hold messages in which something is younger than 1.14, with the message's name. */
const NESTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  GetFlowsResponse: { flow: 'Flow', lost_events: 'LostEvent' },
  Flow: {
    source: 'Endpoint',
    destination: 'Endpoint',
    IP: 'IP',
    l4: 'Layer4',
    tunnel: 'Tunnel',
    egress_allowed_by: 'Policy',
    ingress_allowed_by: 'Policy',
    egress_denied_by: 'Policy',
    ingress_denied_by: 'Policy',
  },
};

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

function nested(value: unknown, message: string, minor: ServerMinor): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => nested(one, message, minor));
  return isFields(value) ? knownFields(value, message, minor) : value;
}

function knownFields(fields: Fields, message: string, minor: ServerMinor): Fields {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!knows(minor, message, name)) continue;
    const inner = NESTED[message]?.[name];
    kept[name] = inner === undefined ? value : nested(value, inner, minor);
  }
  return kept;
}

const NEWEST: ServerMinor = 19;

/** What a server of that version would have sent: fields it does not know are absent. */
export const asSentBy = (response: FlowsResponse, minor: ServerMinor): FlowsResponse =>
  minor === NEWEST ? response : knownFields(response, 'GetFlowsResponse', minor);

/** The filter as a server of that version reads it: fields it does not know are skipped, as protobuf does. */
export function asReadBy<Message extends object>(
  message: Message,
  name: string,
  minor: ServerMinor,
): Message {
  const read = Object.create(Object.getPrototypeOf(message) as object) as Message;
  for (const [field, value] of Object.entries(message)) {
    if (knows(minor, name, field)) Object.assign(read, { [field]: value as unknown });
  }
  return read;
}
