import type { Direction, FlowKind, Verdict } from '#core/flow/flow.ts';

/*
 * The closed sets of flow.proto 1.19 that decoding needs. An exporter writes names, other encoders numbers; proto3
 * sets are open, so a number or name that is not here is kept as text or becomes `unknown`, never an error.
 */

/** Verdicts, by number. */
export const VERDICT_NAMES = [
  'VERDICT_UNKNOWN',
  'FORWARDED',
  'DROPPED',
  'ERROR',
  'AUDIT',
  'REDIRECTED',
  'TRACED',
  'TRANSLATED',
] as const;

const VERDICTS_BY_NAME: ReadonlyMap<string, Verdict> = new Map([
  ['FORWARDED', 'forwarded'],
  ['DROPPED', 'dropped'],
  ['ERROR', 'error'],
  ['AUDIT', 'audit'],
  ['REDIRECTED', 'redirected'],
  ['TRACED', 'traced'],
  ['TRANSLATED', 'translated'],
]);

/** Traffic directions, by number. */
export const DIRECTION_NAMES = ['TRAFFIC_DIRECTION_UNKNOWN', 'INGRESS', 'EGRESS'] as const;
/** What conntrack said of a packet, by number. */
export const TRACE_REASON_NAMES = [
  'TRACE_REASON_UNKNOWN',
  'NEW',
  'ESTABLISHED',
  'REPLY',
  'RELATED',
  'REOPENED',
] as const;
/** Kinds of layer 7 record, by number. */
export const L7_TYPE_NAMES = ['UNKNOWN_L7_TYPE', 'REQUEST', 'RESPONSE', 'SAMPLE'] as const;
/** Kinds of flow, by number. */
export const FLOW_TYPE_NAMES = ['UNKNOWN_TYPE', 'L3_L4', 'L7', 'SOCK'] as const;

/** Buffers that overflow, by number. */
export const LOST_SOURCE_NAMES = [
  'UNKNOWN_LOST_EVENT_SOURCE',
  'PERF_EVENT_RING_BUFFER',
  'OBSERVER_EVENTS_QUEUE',
  'HUBBLE_RING_BUFFER',
] as const;

/** States of a node, by number. */
export const NODE_STATE_NAMES = [
  'UNKNOWN_NODE_STATE',
  'NODE_CONNECTED',
  'NODE_UNAVAILABLE',
  'NODE_GONE',
  'NODE_ERROR',
] as const;

/** `api.MessageType*` of the monitor: what part of the data path an event came from. */
const KINDS_BY_EVENT_TYPE: ReadonlyMap<number, FlowKind> = new Map([
  [1, 'drop'],
  [4, 'trace'],
  [5, 'policy-verdict'],
  [7, 'socket'],
  [129, 'l7'],
]);

/** The number of the first name in {@link DROP_REASON_NAMES}. */
export const FIRST_DROP_REASON = 130;
/** Numbers 130 and up without a gap; an empty name is a number that upstream never gave out. */
export const DROP_REASON_NAMES = [
  'INVALID_SOURCE_MAC',
  'INVALID_DESTINATION_MAC',
  'INVALID_SOURCE_IP',
  'POLICY_DENIED',
  'INVALID_PACKET_DROPPED',
  'CT_TRUNCATED_OR_INVALID_HEADER',
  'CT_MISSING_TCP_ACK_FLAG',
  'CT_UNKNOWN_L4_PROTOCOL',
  'CT_CANNOT_CREATE_ENTRY_FROM_PACKET',
  'UNSUPPORTED_L3_PROTOCOL',
  'MISSED_TAIL_CALL',
  'ERROR_WRITING_TO_PACKET',
  'UNKNOWN_L4_PROTOCOL',
  'UNKNOWN_ICMPV4_CODE',
  'UNKNOWN_ICMPV4_TYPE',
  'UNKNOWN_ICMPV6_CODE',
  'UNKNOWN_ICMPV6_TYPE',
  'ERROR_RETRIEVING_TUNNEL_KEY',
  'ERROR_RETRIEVING_TUNNEL_OPTIONS',
  'INVALID_GENEVE_OPTION',
  'UNKNOWN_L3_TARGET_ADDRESS',
  'STALE_OR_UNROUTABLE_IP',
  'NO_MATCHING_LOCAL_CONTAINER_FOUND',
  'ERROR_WHILE_CORRECTING_L3_CHECKSUM',
  'ERROR_WHILE_CORRECTING_L4_CHECKSUM',
  'CT_MAP_INSERTION_FAILED',
  'INVALID_IPV6_EXTENSION_HEADER',
  'IP_FRAGMENTATION_NOT_SUPPORTED',
  'SERVICE_BACKEND_NOT_FOUND',
  '',
  'NO_TUNNEL_OR_ENCAPSULATION_ENDPOINT',
  'FAILED_TO_INSERT_INTO_PROXYMAP',
  'REACHED_EDT_RATE_LIMITING_DROP_HORIZON',
  'UNKNOWN_CONNECTION_TRACKING_STATE',
  'LOCAL_HOST_IS_UNREACHABLE',
  'NO_CONFIGURATION_AVAILABLE_TO_PERFORM_POLICY_DECISION',
  'UNSUPPORTED_L2_PROTOCOL',
  'NO_MAPPING_FOR_NAT_MASQUERADE',
  'UNSUPPORTED_PROTOCOL_FOR_NAT_MASQUERADE',
  'FIB_LOOKUP_FAILED',
  'ENCAPSULATION_TRAFFIC_IS_PROHIBITED',
  'INVALID_IDENTITY',
  'UNKNOWN_SENDER',
  'NAT_NOT_NEEDED',
  'IS_A_CLUSTERIP',
  'FIRST_LOGICAL_DATAGRAM_FRAGMENT_NOT_FOUND',
  'FORBIDDEN_ICMPV6_MESSAGE',
  'DENIED_BY_LB_SRC_RANGE_CHECK',
  'SOCKET_LOOKUP_FAILED',
  'SOCKET_ASSIGN_FAILED',
  'PROXY_REDIRECTION_NOT_SUPPORTED_FOR_PROTOCOL',
  'POLICY_DENY',
  'VLAN_FILTERED',
  'INVALID_VNI',
  'INVALID_TC_BUFFER',
  'NO_SID',
  'MISSING_SRV6_STATE',
  'NAT46',
  'NAT64',
  'AUTH_REQUIRED',
  'CT_NO_MAP_FOUND',
  'SNAT_NO_MAP_FOUND',
  'INVALID_CLUSTER_ID',
  'UNSUPPORTED_PROTOCOL_FOR_DSR_ENCAP',
  'NO_EGRESS_GATEWAY',
  'UNENCRYPTED_TRAFFIC',
  'TTL_EXCEEDED',
  'NO_NODE_ID',
  'DROP_RATE_LIMITED',
  'IGMP_HANDLED',
  'IGMP_SUBSCRIBED',
  'MULTICAST_HANDLED',
  'DROP_HOST_NOT_READY',
  'DROP_EP_NOT_READY',
  'DROP_NO_EGRESS_IP',
  'DROP_PUNT_PROXY',
] as const;

const ENUM_NAME = /^[A-Za-z][A-Za-z0-9_]{0,95}$/;
const isEnumNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31;

/** The name behind a name or number; a number without a name becomes its digits; undefined when it is neither. */
function nameIn(names: readonly string[], value: unknown): string | undefined {
  if (typeof value === 'string') return ENUM_NAME.test(value) ? value : undefined;
  return isEnumNumber(value) ? (names[value] ?? String(value)) : undefined;
}

/** Undefined when the value is neither a name nor a number. */
export function verdictOf(value: unknown): Verdict | undefined {
  if (typeof value === 'string') return VERDICTS_BY_NAME.get(value) ?? 'unknown';
  if (!isEnumNumber(value)) return undefined;
  return VERDICTS_BY_NAME.get(VERDICT_NAMES[value] ?? '') ?? 'unknown';
}

/** Undefined when the value is neither a name nor a number. */
export function directionOf(value: unknown): Direction | undefined {
  const name = typeof value === 'string' ? value : nameIn(DIRECTION_NAMES, value);
  if (name === undefined) return undefined;
  if (name === 'INGRESS') return 'ingress';
  return name === 'EGRESS' ? 'egress' : 'unknown';
}

/** A drop reason's upstream name, or the digits of one that is newer than this table; undefined for none. */
export function dropReasonOf(value: unknown): string | undefined {
  if (typeof value === 'string') {
    return ENUM_NAME.test(value) && value !== 'DROP_REASON_UNKNOWN' ? value : undefined;
  }
  if (!isEnumNumber(value) || value === 0) return undefined;
  const name = DROP_REASON_NAMES[value - FIRST_DROP_REASON];
  return name === undefined || name === '' ? String(value) : name;
}

/** The kind behind an event type number; `other` for one that tells nothing about traffic between two ends. */
export const kindOfEvent = (type: number): FlowKind => KINDS_BY_EVENT_TYPE.get(type) ?? 'other';

/** True when conntrack saw the first packet of a connection. */
export const isNewConnection = (traceReason: unknown): boolean =>
  traceReason === 'NEW' || traceReason === TRACE_REASON_NAMES.indexOf('NEW');

/** `REQUEST`, `RESPONSE`, `SAMPLE` or another name; undefined when it is neither a name nor a number. */
export const l7TypeName = (value: unknown): string | undefined => nameIn(L7_TYPE_NAMES, value);

/** `L3_L4`, `L7`, `SOCK` or another name; undefined when it is neither a name nor a number. */
export const flowTypeName = (value: unknown): string | undefined => nameIn(FLOW_TYPE_NAMES, value);

/** Which buffer overflowed; the unknown source when the value says nothing. */
export const lostSourceName = (value: unknown): string =>
  nameIn(LOST_SOURCE_NAMES, value) ?? LOST_SOURCE_NAMES[0];

/** What became of a node; the unknown state when the value says nothing. */
export const nodeStateName = (value: unknown): string =>
  nameIn(NODE_STATE_NAMES, value) ?? NODE_STATE_NAMES[0];
