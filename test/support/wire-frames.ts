import type { SimulationEvent } from '#core/simulation/observation.ts';
import { type SimulationOptions, simulate } from '#core/simulation/simulate.ts';
import { encodeResponse, type FlowsResponse } from '../../collector/sources/hubble/wire/encode-frame.ts';
import { createFlowDecoder } from '../../collector/sources/hubble/wire/flow-decoder.ts';
import type { DecodedFrame } from '../../collector/sources/hubble/wire/frame.ts';
import { messageType } from '../../collector/sources/hubble/wire/schema.ts';

/** The first events of a simulated cluster. */
export function simulatedEvents(count: number, options: Partial<SimulationOptions> = {}): SimulationEvent[] {
  const events: SimulationEvent[] = [];
  for (const event of simulate({ seed: 1, ...options }).events) {
    if (events.push(event) >= count) break;
  }
  return events;
}

/** The bytes of a message whose flow has these fields, by protobufjs's rules for plain objects. */
export function frameOf(flow: Readonly<Record<string, unknown>>, around: FlowsResponse = {}): Uint8Array {
  const type = messageType('observer.GetFlowsResponse');
  return encodeResponse({ ...type.fromObject({ ...around, flow }) });
}

/** A small, complete flow as protobufjs takes it. */
export const PLAIN_WIRE_FLOW = {
  time: { seconds: 1_772_438_400, nanos: 123_456_789 },
  uuid: '8a1b0a50-0000-4000-8000-000000000001',
  verdict: 'FORWARDED',
  IP: { source: '10.0.1.5', destination: '10.0.2.6', ipVersion: 'IPv4' },
  l4: { TCP: { source_port: 40_000, destination_port: 8080, flags: { SYN: true } } },
  source: {
    ID: 12,
    identity: 1001,
    cluster_name: 'prod',
    namespace: 'shop',
    labels: ['k8s:app=web', 'k8s:io.kubernetes.pod.namespace=shop'],
    pod_name: 'web-7d9c5b6f4-x2x4z',
    workloads: [{ name: 'web', kind: 'Deployment' }],
  },
  destination: {
    identity: 1002,
    namespace: 'shop',
    labels: ['k8s:app=cart'],
    pod_name: 'cart-5f9d8c7b6-abcde',
  },
  Type: 'L3_L4',
  node_name: 'kind/worker-1',
  event_type: { type: 4, sub_type: 0 },
  traffic_direction: 'INGRESS',
  trace_observation_point: 'TO_ENDPOINT',
  trace_reason: 'NEW',
  is_reply: { value: false },
} as const;

/** Decodes one message with a decoder of its own. */
export const decodedFrame = (bytes: Uint8Array): DecodedFrame => createFlowDecoder().decode(bytes);

/** Field `number` with wire type `type`, as it stands before a value. */
export function tag(number: number, type: number): number[] {
  return varint(number * 8 + type);
}

/** A number as protobuf writes it. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

/** Field `number` holding these bytes. */
export const run = (number: number, bytes: Iterable<number>): number[] => {
  const content = [...bytes];
  return [...tag(number, 2), ...varint(content.length), ...content];
};
