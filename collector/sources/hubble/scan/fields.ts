/*
 * What a line of an export is scanned for. Both scanners read the same tables, so that a field is named once. A key
 * that is not here can not matter to a flow: its value is passed over. Names that the decoder of parsed records reads
 * and a scanner does not (another spelling, an aggregate, what makes a line no flow of Hubble's own exporter) are
 * declined: such a line goes to that decoder.
 */

/** What is done with the value of a key. */
export const KIND = {
  /** Passed over. */
  skip: 0,
  /** The whole line is declined. */
  decline: 1,
  /** Text that comes again and again: its number among the words. */
  word: 2,
  /** Where the text begins and ends. */
  text: 3,
  /** A whole number from 0 up to nine digits. */
  number: 4,
  /** Where a value of any kind begins and ends. */
  raw: 6,
  /** The number of an endpoint's object among the endpoints. */
  endpoint: 7,
  /** The fields of an object, by a scope of their own. */
  object: 8,
  /** A value of any kind that comes again and again: the number of its bytes among the words. */
  known: 9,
  /** A word of which there are few: it counts as a part of what stands around it. */
  name: 10,
  /** A number of which there are few: likewise. */
  code: 11,
  /** 1 for false, 2 for true: likewise. */
  flag: 12,
  /** A value of which there are few, passed over: likewise. */
  pass: 13,
} as const;
export type Kind = keyof typeof KIND;

/** Where what was found is put down. */
export const SLOT = {
  none: 0,
  recordNode: 1,
  recordTime: 2,
  flow: 3,
  time: 4,
  uuid: 5,
  verdict: 6,
  dropReason: 7,
  ip: 8,
  sourceIp: 9,
  destinationIp: 10,
  l4: 11,
  tcp: 12,
  udp: 13,
  sctp: 14,
  icmp4: 15,
  icmp6: 16,
  sourcePort: 17,
  destinationPort: 18,
  flags: 19,
  fin: 20,
  syn: 21,
  rst: 22,
  ack: 23,
  icmpType: 24,
  source: 25,
  destination: 26,
  node: 27,
  sourceNames: 28,
  destinationNames: 29,
  l7: 30,
  reply: 31,
  eventType: 32,
  type: 33,
  subType: 34,
  sourceService: 35,
  destinationService: 36,
  direction: 37,
  traceReason: 38,
  dropReasonDesc: 39,
  isReply: 40,
  egressAllowedBy: 41,
  ingressAllowedBy: 42,
  egressDeniedBy: 43,
  ingressDeniedBy: 44,
} as const;
export const SLOT_COUNT = 48;

/** Objects whose fields are read. */
export const SCOPE = {
  record: 0,
  flow: 1,
  addresses: 2,
  layer4: 3,
  ports: 4,
  flags: 5,
  icmp: 6,
  event: 7,
} as const;
export type ScopeName = keyof typeof SCOPE;

export interface Field {
  readonly scope: ScopeName;
  readonly name: string;
  readonly kind: Kind;
  readonly slot: number;
  /** Of the object's own fields. */
  readonly inner: ScopeName | undefined;
}

const field = (name: string, kind: Kind, slot: number): Omit<Field, 'scope'> => ({
  name,
  kind,
  slot,
  inner: undefined,
});
const object = (name: string, slot: number, inner: ScopeName): Omit<Field, 'scope'> => ({
  name,
  kind: 'object',
  slot,
  inner,
});
const each = (kind: 'skip' | 'pass' | 'decline', ...names: readonly string[]): Omit<Field, 'scope'>[] =>
  names.map((name) => field(name, kind, SLOT.none));

/** Names that are passed over stand here too when they are in most lines: a name that is expected is found faster. */
const FIELDS_BY_SCOPE: Readonly<Record<ScopeName, readonly Omit<Field, 'scope'>[]>> = {
  record: [
    object('flow', SLOT.flow, 'flow'),
    field('node_name', 'word', SLOT.recordNode),
    field('time', 'text', SLOT.recordTime),
    ...each('decline', 'nodeName', 'lost_events', 'lostEvents', 'node_status', 'nodeStatus', 'agent_event'),
    ...each('decline', 'agentEvent', 'debug_event', 'debugEvent', 'cluster_name', 'clusterName'),
    ...each('decline', 'component_name'),
  ],
  flow: [
    field('time', 'text', SLOT.time),
    field('uuid', 'text', SLOT.uuid),
    field('verdict', 'name', SLOT.verdict),
    field('drop_reason', 'code', SLOT.dropReason),
    object('IP', SLOT.ip, 'addresses'),
    object('l4', SLOT.l4, 'layer4'),
    field('source', 'endpoint', SLOT.source),
    field('destination', 'endpoint', SLOT.destination),
    field('node_name', 'word', SLOT.node),
    field('source_names', 'known', SLOT.sourceNames),
    field('destination_names', 'known', SLOT.destinationNames),
    field('l7', 'raw', SLOT.l7),
    field('reply', 'flag', SLOT.reply),
    object('event_type', SLOT.eventType, 'event'),
    field('source_service', 'known', SLOT.sourceService),
    field('destination_service', 'known', SLOT.destinationService),
    field('traffic_direction', 'name', SLOT.direction),
    field('trace_reason', 'name', SLOT.traceReason),
    field('drop_reason_desc', 'name', SLOT.dropReasonDesc),
    field('is_reply', 'flag', SLOT.isReply),
    field('egress_allowed_by', 'known', SLOT.egressAllowedBy),
    field('ingress_allowed_by', 'known', SLOT.ingressAllowedBy),
    field('egress_denied_by', 'known', SLOT.egressDeniedBy),
    field('ingress_denied_by', 'known', SLOT.ingressDeniedBy),
    ...each('decline', 'dropReason', 'dropReasonDesc', 'ip', 'nodeName', 'sourceNames', 'destinationNames'),
    ...each('decline', 'isReply', 'eventType', 'sourceService', 'destinationService', 'trafficDirection'),
    ...each('decline', 'traceReason', 'egressAllowedBy', 'ingressAllowedBy', 'egressDeniedBy'),
    ...each('decline', 'ingressDeniedBy', 'aggregate'),
    ...each('pass', 'Type', 'type', 'trace_observation_point', 'traceObservationPoint'),
    ...each('skip', 'ethernet', 'interface', 'Summary', 'node_labels'),
    ...each('pass', 'policy_match_type', 'policyMatchType'),
    ...each('skip', 'sock_xlate_point', 'socket_cookie', 'cgroup_id'),
  ],
  addresses: [
    field('source', 'word', SLOT.sourceIp),
    field('destination', 'word', SLOT.destinationIp),
    ...each('pass', 'ipVersion'),
  ],
  layer4: [
    object('TCP', SLOT.tcp, 'ports'),
    object('UDP', SLOT.udp, 'ports'),
    object('SCTP', SLOT.sctp, 'ports'),
    object('ICMPv4', SLOT.icmp4, 'icmp'),
    object('ICMPv6', SLOT.icmp6, 'icmp'),
    ...each('decline', 'VRRP', 'IGMP', 'Protocol'),
  ],
  ports: [
    field('source_port', 'number', SLOT.sourcePort),
    field('destination_port', 'number', SLOT.destinationPort),
    object('flags', SLOT.flags, 'flags'),
    ...each('decline', 'sourcePort', 'destinationPort'),
  ],
  flags: [
    field('FIN', 'flag', SLOT.fin),
    field('SYN', 'flag', SLOT.syn),
    field('RST', 'flag', SLOT.rst),
    field('ACK', 'flag', SLOT.ack),
    ...each('pass', 'PSH'),
  ],
  icmp: [field('type', 'code', SLOT.icmpType), ...each('pass', 'code')],
  event: [
    field('type', 'code', SLOT.type),
    field('sub_type', 'code', SLOT.subType),
    ...each('decline', 'subType'),
  ],
};

export const SCOPE_NAMES = Object.keys(SCOPE) as ScopeName[];

/** All fields; a field is known by its place here. */
export const FIELDS: readonly Field[] = SCOPE_NAMES.flatMap((scope) =>
  FIELDS_BY_SCOPE[scope].map((each) => ({ scope, ...each })),
);

/** Buckets of a scope's names. */
export const BUCKETS = 64;

/** The bucket of a name: what any of its bytes but three are does not matter. */
export const bucketOf = (first: number, last: number, size: number): number =>
  (first + 5 * last + 11 * size) & (BUCKETS - 1);

/** Longer and deeper ones are left to the parser. */
export const MAX_LINE_BYTES = 8 * 1024;
export const MAX_DEPTH = 32;
/** A number of more digits is declined. */
export const MAX_DIGITS = 9;

/** What a scanner remembers at most; when it is full, it begins anew. */
export const WORD_BOUNDS = { entries: 65_536, bytes: 4 * 1024 * 1024 } as const;
export const ENDPOINT_BOUNDS = { entries: 131_072, bytes: 64 * 1024 * 1024 } as const;
