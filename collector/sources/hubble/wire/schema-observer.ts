import type { INamespace } from 'protobufjs/light.js';
import { NODE_STATE_NAMES } from '../enums.ts';
import { message, numbered } from './schema-shape.ts';

/** What a client may ask flows to be like: within a filter every field that is given must match. */
export const FLOW_FILTER = {
  ...message({
    source_ip: '1 repeated string',
    source_pod: '2 repeated string',
    destination_ip: '3 repeated string',
    destination_pod: '4 repeated string',
    verdict: '5 repeated Verdict',
    event_type: '6 repeated EventTypeFilter',
    source_fqdn: '7 repeated string',
    destination_fqdn: '8 repeated string',
    http_status_code: '9 repeated string',
    source_label: '10 repeated string',
    destination_label: '11 repeated string',
    protocol: '12 repeated string',
    source_port: '13 repeated string',
    destination_port: '14 repeated string',
    reply: '15 repeated bool',
    source_service: '16 repeated string',
    destination_service: '17 repeated string',
    dns_query: '18 repeated string',
    source_identity: '19 repeated uint32',
    destination_identity: '20 repeated uint32',
    http_method: '21 repeated string',
    http_path: '22 repeated string',
    tcp_flags: '23 repeated TCPFlags',
    node_name: '24 repeated string',
    ip_version: '25 repeated IPVersion',
    source_workload: '26 repeated Workload',
    destination_workload: '27 repeated Workload',
    trace_id: '28 repeated string',
    uuid: '29 repeated string',
    traffic_direction: '30 repeated TrafficDirection',
    http_url: '31 repeated string',
    http_header: '32 repeated HTTPHeader',
    drop_reason_desc: '33 repeated DropReason',
    source_ip_xlated: '34 repeated string',
    interface: '35 repeated NetworkInterface',
    node_labels: '36 repeated string',
    source_cluster_name: '37 repeated string',
    destination_cluster_name: '38 repeated string',
    ip_trace_id: '39 repeated uint64',
    encrypted: '40 repeated bool',
    experimental: '999 Experimental',
  }),
  nested: { Experimental: message({ cel_expression: '1 repeated string' }) },
};

/** Which data path event a filter wants; 0 is a valid sub-type, hence the switch beside it. */
export const EVENT_TYPE_FILTER = message({ type: '1 int32', match_sub_type: '2 bool', sub_type: '3 int32' });

/** `experimental.field_mask` is how servers before 1.16 are asked; 1.19 no longer knows it. */
const GET_FLOWS_REQUEST = {
  ...message({
    number: '1 uint64',
    follow: '3 bool',
    blacklist: '5 repeated flow.FlowFilter',
    whitelist: '6 repeated flow.FlowFilter',
    since: '7 google.protobuf.Timestamp',
    until: '8 google.protobuf.Timestamp',
    first: '9 bool',
    field_mask: '10 google.protobuf.FieldMask',
    experimental: '999 Experimental',
    extensions: '150000 google.protobuf.Any',
  }),
  nested: { Experimental: message({ field_mask: '1 google.protobuf.FieldMask' }) },
};

const GET_FLOWS_RESPONSE = message(
  {
    flow: '1 flow.Flow',
    node_status: '2 relay.NodeStatusEvent',
    lost_events: '3 flow.LostEvent',
    node_name: '1000 string',
    time: '1001 google.protobuf.Timestamp',
  },
  { response_types: ['flow', 'node_status', 'lost_events'] },
);

const SERVER_STATUS_RESPONSE = message({
  num_flows: '1 uint64',
  max_flows: '2 uint64',
  seen_flows: '3 uint64',
  uptime_ns: '4 uint64',
  num_connected_nodes: '5 google.protobuf.UInt32Value',
  num_unavailable_nodes: '6 google.protobuf.UInt32Value',
  unavailable_nodes: '7 repeated string',
  version: '8 string',
  flows_rate: '9 double',
});

const NODE = message({
  name: '1 string',
  version: '2 string',
  address: '3 string',
  state: '4 relay.NodeState',
  tls: '5 TLS',
  uptime_ns: '6 uint64',
  num_flows: '7 uint64',
  max_flows: '8 uint64',
  seen_flows: '9 uint64',
});

/** Package `observer`: the service that a node and Relay offer, but for its agent and debug events. */
export const OBSERVER_PACKAGE: INamespace = {
  nested: {
    Observer: {
      methods: {
        GetFlows: {
          requestType: 'GetFlowsRequest',
          responseType: 'GetFlowsResponse',
          responseStream: true,
        },
        GetNodes: { requestType: 'GetNodesRequest', responseType: 'GetNodesResponse' },
        GetNamespaces: { requestType: 'GetNamespacesRequest', responseType: 'GetNamespacesResponse' },
        ServerStatus: { requestType: 'ServerStatusRequest', responseType: 'ServerStatusResponse' },
      },
    },
    GetFlowsRequest: GET_FLOWS_REQUEST,
    GetFlowsResponse: GET_FLOWS_RESPONSE,
    ServerStatusRequest: message({}),
    ServerStatusResponse: SERVER_STATUS_RESPONSE,
    GetNodesRequest: message({}),
    GetNodesResponse: message({ nodes: '1 repeated Node' }),
    Node: NODE,
    TLS: message({ enabled: '1 bool', server_name: '2 string' }),
    GetNamespacesRequest: message({}),
    GetNamespacesResponse: message({ namespaces: '1 repeated Namespace' }),
    Namespace: message({ cluster: '1 string', namespace: '2 string' }),
  },
};

/** Package `relay`: what became of nodes while flows were streamed. */
export const RELAY_PACKAGE: INamespace = {
  nested: {
    NodeStatusEvent: message({
      state_change: '1 NodeState',
      node_names: '2 repeated string',
      message: '3 string',
    }),
    NodeState: numbered(NODE_STATE_NAMES),
  },
};

/** Package `grpc.health.v1`: asked before anything else by `hubble status`. */
export const HEALTH_PACKAGE: INamespace = {
  nested: {
    Health: {
      methods: {
        Check: { requestType: 'HealthCheckRequest', responseType: 'HealthCheckResponse' },
        Watch: {
          requestType: 'HealthCheckRequest',
          responseType: 'HealthCheckResponse',
          responseStream: true,
        },
      },
    },
    HealthCheckRequest: message({ service: '1 string' }),
    HealthCheckResponse: {
      ...message({ status: '1 ServingStatus' }),
      nested: { ServingStatus: numbered(['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']) },
    },
  },
};

/** The well-known types that the others use (`google/protobuf`). */
export const GOOGLE_PACKAGE: INamespace = {
  nested: {
    Timestamp: message({ seconds: '1 int64', nanos: '2 int32' }),
    BoolValue: message({ value: '1 bool' }),
    Int32Value: message({ value: '1 int32' }),
    UInt32Value: message({ value: '1 uint32' }),
    FieldMask: message({ paths: '1 repeated string' }),
    Any: message({ type_url: '1 string', value: '2 bytes' }),
  },
};
