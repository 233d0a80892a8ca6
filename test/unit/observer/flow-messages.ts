import { compileFilters } from '../../../collector/sources/hubble/observer/flow-filter.ts';
import type { FilterMessage, FlowMessage } from '../../../collector/sources/hubble/observer/messages.ts';
import { messageType } from '../../../collector/sources/hubble/wire/schema.ts';

/** A flow as it is after the wire; enums may be given by name. */
export function flowMessage(fields: object): FlowMessage {
  const type = messageType('flow.Flow');
  return type.decode(type.encode(type.fromObject(fields)).finish()) as unknown as FlowMessage;
}

/** A filter as it is after the wire. */
export function filterMessage(fields: object): FilterMessage {
  const type = messageType('flow.FlowFilter');
  return type.decode(type.encode(type.fromObject(fields)).finish()) as unknown as FilterMessage;
}

/** Whether a whitelist of this one filter lets the flow through. */
export const passes = (filter: object, flow: object): boolean =>
  compileFilters([filterMessage(filter)], [])(flowMessage(flow));

/** A web request from the shop's frontend to its cart, denied. */
export const SOME_FLOW = {
  time: { seconds: 1_772_438_400, nanos: 5 },
  uuid: '6f4c1d2e-0000-4000-8000-000000000001',
  verdict: 'DROPPED',
  drop_reason_desc: 'POLICY_DENIED',
  IP: {
    source: '10.0.1.7',
    destination: '10.0.2.9',
    source_xlated: '192.0.2.1',
    ipVersion: 'IPv4',
    encrypted: true,
  },
  l4: { TCP: { source_port: 40_000, destination_port: 8080, flags: { SYN: true, ECE: true } } },
  l7: {
    type: 'RESPONSE',
    http: {
      code: 404,
      method: 'GET',
      url: 'http://cart:8080/items/7?token=x',
      headers: [{ key: 'User-Agent', value: 'curl' }],
    },
  },
  source: {
    identity: 1001,
    namespace: 'shop',
    pod_name: 'frontend-7d9c-abcde',
    labels: ['k8s:app=frontend', 'k8s:tier=web', 'reserved:none'],
    workloads: [{ name: 'frontend', kind: 'Deployment' }],
    cluster_name: 'east',
  },
  destination: {
    identity: 1002,
    namespace: 'shop',
    pod_name: 'cart-0',
    labels: ['k8s:app=cart'],
    workloads: [{ name: 'cart', kind: 'StatefulSet' }],
    cluster_name: 'west',
  },
  source_names: ['frontend.example.com'],
  destination_names: ['cart.shop.svc.cluster.local'],
  source_service: { name: 'frontend', namespace: 'shop' },
  destination_service: { name: 'cart', namespace: 'shop' },
  event_type: { type: 129, sub_type: 3 },
  traffic_direction: 'INGRESS',
  is_reply: { value: true },
  interface: { index: 6, name: 'lxc1' },
  trace_context: { parent: { trace_id: 'abc' } },
  ip_trace_id: { trace_id: 77 },
  node_name: 'east/node-1',
  node_labels: ['zone=a'],
} as const;
