import type { INamespace } from 'protobufjs/light.js';
import {
  DIRECTION_NAMES,
  DROP_REASON_NAMES,
  FIRST_DROP_REASON,
  FLOW_TYPE_NAMES,
  L7_TYPE_NAMES,
  LOST_SOURCE_NAMES,
  TRACE_REASON_NAMES,
  VERDICT_NAMES,
} from '../enums.ts';
import { message, numbered, valued } from './schema-shape.ts';

/** What one observation may say; numbers above 20 000 are those of correlated policies. */
const FLOW = message({
  time: '1 google.protobuf.Timestamp',
  verdict: '2 Verdict',
  drop_reason: '3 uint32',
  ethernet: '4 Ethernet',
  IP: '5 IP',
  l4: '6 Layer4',
  source: '8 Endpoint',
  destination: '9 Endpoint',
  Type: '10 FlowType',
  node_name: '11 string',
  source_names: '13 repeated string',
  destination_names: '14 repeated string',
  l7: '15 Layer7',
  reply: '16 bool',
  event_type: '19 CiliumEventType',
  source_service: '20 Service',
  destination_service: '21 Service',
  traffic_direction: '22 TrafficDirection',
  policy_match_type: '23 uint32',
  trace_observation_point: '24 TraceObservationPoint',
  drop_reason_desc: '25 DropReason',
  is_reply: '26 google.protobuf.BoolValue',
  debug_capture_point: '27 DebugCapturePoint',
  interface: '28 NetworkInterface',
  proxy_port: '29 uint32',
  trace_context: '30 TraceContext',
  sock_xlate_point: '31 SocketTranslationPoint',
  socket_cookie: '32 uint64',
  cgroup_id: '33 uint64',
  uuid: '34 string',
  auth_type: '35 AuthType',
  trace_reason: '36 TraceReason',
  node_labels: '37 repeated string',
  file: '38 FileInfo',
  tunnel: '39 Tunnel',
  ip_trace_id: '40 IPTraceID',
  emitter: '41 Emitter',
  egress_allowed_by: '21001 repeated Policy',
  ingress_allowed_by: '21002 repeated Policy',
  egress_denied_by: '21004 repeated Policy',
  ingress_denied_by: '21005 repeated Policy',
  policy_log: '21006 repeated string',
  aggregate: '21007 Aggregate',
  Summary: '100000 string',
  extensions: '150000 google.protobuf.Any',
});

const ENDPOINT = message({
  ID: '1 uint32',
  identity: '2 uint32',
  namespace: '3 string',
  labels: '4 repeated string',
  pod_name: '5 string',
  workloads: '6 repeated Workload',
  cluster_name: '7 string',
});

const LAYER4 = message(
  {
    TCP: '1 TCP',
    UDP: '2 UDP',
    ICMPv4: '3 ICMPv4',
    ICMPv6: '4 ICMPv6',
    SCTP: '5 SCTP',
    VRRP: '6 VRRP',
    IGMP: '7 IGMP',
  },
  { protocol: ['TCP', 'UDP', 'ICMPv4', 'ICMPv6', 'SCTP', 'VRRP', 'IGMP'] },
);

const TCP_FLAGS = message({
  FIN: '1 bool',
  SYN: '2 bool',
  RST: '3 bool',
  PSH: '4 bool',
  ACK: '5 bool',
  URG: '6 bool',
  ECE: '7 bool',
  CWR: '8 bool',
  NS: '9 bool',
});

const LAYER7 = message(
  { type: '1 L7FlowType', latency_ns: '2 uint64', dns: '100 DNS', http: '101 HTTP', kafka: '102 Kafka' },
  { record: ['dns', 'http', 'kafka'] },
);

const DNS = message({
  query: '1 string',
  ips: '2 repeated string',
  ttl: '3 uint32',
  cnames: '4 repeated string',
  observation_source: '5 string',
  rcode: '6 uint32',
  qtypes: '7 repeated string',
  rrtypes: '8 repeated string',
});

const HTTP = message({
  code: '1 uint32',
  method: '2 string',
  url: '3 string',
  protocol: '4 string',
  headers: '5 repeated HTTPHeader',
});

const KAFKA = message({
  error_code: '1 int32',
  api_version: '2 int32',
  api_key: '3 string',
  correlation_id: '4 int32',
  topic: '5 string',
});

const POLICY = message({
  name: '1 string',
  namespace: '2 string',
  labels: '3 repeated string',
  revision: '4 uint64',
  kind: '5 string',
});

const LOST_EVENT = message({
  source: '1 LostEventSource',
  num_events_lost: '2 uint64',
  cpu: '3 google.protobuf.Int32Value',
  first: '4 google.protobuf.Timestamp',
  last: '5 google.protobuf.Timestamp',
});

const AGGREGATE = message({
  ingress_flow_count: '1 uint32',
  egress_flow_count: '2 uint32',
  unknown_direction_flow_count: '3 uint32',
});

const SETS = {
  Verdict: numbered(VERDICT_NAMES),
  DropReason: valued({ DROP_REASON_UNKNOWN: 0, ...numbered(DROP_REASON_NAMES, FIRST_DROP_REASON).values }),
  TrafficDirection: numbered(DIRECTION_NAMES),
  TraceReason: numbered([...TRACE_REASON_NAMES, 'SRV6_ENCAP', 'SRV6_DECAP', 'ENCRYPT_OVERLAY']),
  FlowType: numbered(FLOW_TYPE_NAMES),
  L7FlowType: numbered(L7_TYPE_NAMES),
  LostEventSource: numbered(LOST_SOURCE_NAMES),
  AuthType: numbered(['DISABLED', 'SPIRE', 'TEST_ALWAYS_FAIL']),
  IPVersion: numbered(['IP_NOT_USED', 'IPv4', 'IPv6']),
  SCTPChunkType: numbered([
    'UNSUPPORTED',
    'INIT',
    'INIT_ACK',
    'SHUTDOWN',
    'SHUTDOWN_ACK',
    'SHUTDOWN_COMPLETE',
    'ABORT',
  ]),
  TunnelProtocol: numbered(['UNKNOWN', 'VXLAN', 'GENEVE']),
  TraceObservationPoint: valued({
    UNKNOWN_POINT: 0,
    TO_PROXY: 1,
    TO_HOST: 2,
    TO_STACK: 3,
    TO_OVERLAY: 4,
    FROM_ENDPOINT: 5,
    FROM_PROXY: 6,
    FROM_HOST: 7,
    FROM_STACK: 8,
    FROM_OVERLAY: 9,
    FROM_NETWORK: 10,
    TO_NETWORK: 11,
    FROM_CRYPTO: 12,
    TO_CRYPTO: 13,
    TO_ENDPOINT: 101,
  }),
  SocketTranslationPoint: numbered([
    'SOCK_XLATE_POINT_UNKNOWN',
    'SOCK_XLATE_POINT_PRE_DIRECTION_FWD',
    'SOCK_XLATE_POINT_POST_DIRECTION_FWD',
    'SOCK_XLATE_POINT_PRE_DIRECTION_REV',
    'SOCK_XLATE_POINT_POST_DIRECTION_REV',
  ]),
  DebugCapturePoint: valued({
    DBG_CAPTURE_POINT_UNKNOWN: 0,
    ...numbered(
      [
        'DELIVERY',
        'FROM_LB',
        'AFTER_V46',
        'AFTER_V64',
        'PROXY_PRE',
        'PROXY_POST',
        'SNAT_PRE',
        'SNAT_POST',
      ].map((point) => `DBG_CAPTURE_${point}`),
      4,
    ).values,
  }),
} as const;

/** Package `flow` as of Cilium 1.19: a flow with all it may say, and what a node says it lost. */
export const FLOW_PACKAGE: INamespace = {
  nested: {
    Flow: FLOW,
    Endpoint: ENDPOINT,
    Workload: message({ name: '1 string', kind: '2 string' }),
    Ethernet: message({ source: '1 string', destination: '2 string' }),
    IP: message({
      source: '1 string',
      destination: '2 string',
      ipVersion: '3 IPVersion',
      encrypted: '4 bool',
      source_xlated: '5 string',
    }),
    Layer4: LAYER4,
    TCP: message({ source_port: '1 uint32', destination_port: '2 uint32', flags: '3 TCPFlags' }),
    TCPFlags: TCP_FLAGS,
    UDP: message({ source_port: '1 uint32', destination_port: '2 uint32' }),
    SCTP: message({ source_port: '1 uint32', destination_port: '2 uint32', chunk_type: '3 SCTPChunkType' }),
    ICMPv4: message({ type: '1 uint32', code: '2 uint32' }),
    ICMPv6: message({ type: '1 uint32', code: '2 uint32' }),
    VRRP: message({ type: '1 uint32', vrid: '2 uint32', priority: '3 uint32' }),
    IGMP: message({ type: '1 uint32', group_address: '2 string' }),
    Layer7: LAYER7,
    DNS,
    HTTP,
    HTTPHeader: message({ key: '1 string', value: '2 string' }),
    Kafka: KAFKA,
    Service: message({ name: '1 string', namespace: '2 string' }),
    CiliumEventType: message({ type: '1 int32', sub_type: '2 int32' }),
    Policy: POLICY,
    Aggregate: AGGREGATE,
    NetworkInterface: message({ index: '1 uint32', name: '2 string' }),
    TraceContext: message({ parent: '1 TraceParent' }),
    TraceParent: message({ trace_id: '1 string' }),
    FileInfo: message({ name: '1 string', line: '2 uint32' }),
    Tunnel: message({ protocol: '1 TunnelProtocol', IP: '2 IP', l4: '3 Layer4', vni: '4 uint32' }),
    IPTraceID: message({ trace_id: '1 uint64', ip_option_type: '2 uint32' }),
    Emitter: message({ name: '1 string', version: '2 string' }),
    LostEvent: LOST_EVENT,
    ...SETS,
  },
};
