import type { Flow } from '#core/flow/flow.ts';
import { createHubbleDecoder, type DecodedRecord } from '../../collector/sources/hubble/decode.ts';

/** The text of a small, complete exporter line; `more` replaces fields of the flow. */
export const flowLine = (more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    flow: { ...PLAIN_FLOW, ...more },
    node_name: 'kind/worker-1',
    time: '2026-03-02T08:00:00.123456789Z',
  });

/** The flow of {@link flowLine}, as the exporter writes it. */
export const PLAIN_FLOW = {
  time: '2026-03-02T08:00:00.123456789Z',
  uuid: '8a1b0a50-0000-4000-8000-000000000001',
  verdict: 'FORWARDED',
  IP: { source: '10.0.1.5', destination: '10.0.2.6', ipVersion: 'IPv4' },
  l4: { TCP: { source_port: 40000, destination_port: 8080, flags: { SYN: true } } },
  source: {
    ID: 12,
    identity: 1001,
    cluster_name: 'prod',
    namespace: 'shop',
    labels: [
      'k8s:app=web',
      'k8s:io.cilium.k8s.namespace.labels.team=blue',
      'k8s:io.cilium.k8s.policy.cluster=prod',
      'k8s:io.cilium.k8s.policy.serviceaccount=web',
      'k8s:io.kubernetes.pod.namespace=shop',
    ],
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
  is_reply: false,
  Summary: 'TCP Flags: SYN',
} as const;

/** Decodes one text with a decoder of its own. */
export const decoded = (text: string): DecodedRecord => createHubbleDecoder().decode(text);

/** The flow of a text that must hold one. */
export function flowIn(text: string): Flow {
  const record = decoded(text);
  if (record.kind !== 'flow') throw new Error(`no flow but ${JSON.stringify(record)}`);
  return record.flow;
}

/** A small generator of repeatable chance (mulberry32): numbers from 0 up to 1. */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
