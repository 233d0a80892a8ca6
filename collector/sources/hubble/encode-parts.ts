import { sortedText } from '#core/order.ts';
import type { ObservationPoint, ObservedEnd, PacketFlags } from '#core/simulation/observation.ts';

/**
 * What an observation point is called on the wire: Cilium's monitor message type, its sub-type where that is not
 * zero, the trace point's name, and the socket translation point's name.
 */
export const POINTS: Readonly<Record<ObservationPoint, string>> = {
  'policy-verdict': '"event_type":{"type":5}',
  drop: '"event_type":{"type":1,"sub_type":133}',
  'to-endpoint': '"event_type":{"type":4}',
  'to-proxy': '"event_type":{"type":4,"sub_type":1}',
  'to-stack': '"event_type":{"type":4,"sub_type":3}',
  'to-overlay': '"event_type":{"type":4,"sub_type":4}',
  'socket-before': '"event_type":{"type":7,"sub_type":1}',
  'socket-after': '"event_type":{"type":7,"sub_type":2}',
  l7: '"event_type":{"type":129}',
};

/** `trace_observation_point` by point; empty where the field is absent. */
export const TRACE_POINTS: Readonly<Partial<Record<ObservationPoint, string>>> = {
  'to-endpoint': 'TO_ENDPOINT',
  'to-proxy': 'TO_PROXY',
  'to-stack': 'TO_STACK',
  'to-overlay': 'TO_OVERLAY',
};

/** `sock_xlate_point` by point. */
export const SOCKET_POINTS: Readonly<Partial<Record<ObservationPoint, string>>> = {
  'socket-before': 'SOCK_XLATE_POINT_PRE_DIRECTION_FWD',
  'socket-after': 'SOCK_XLATE_POINT_POST_DIRECTION_FWD',
};

/** Numbers of the drop reasons (`flow.proto`, DropReason), for the deprecated `drop_reason`. */
export const DROP_REASON_NUMBERS: Readonly<Record<string, number>> = {
  POLICY_DENIED: 133,
  POLICY_DENY: 181,
  AUTH_REQUIRED: 189,
};

const reservedLabels = (end: ObservedEnd): string[] => end.entities.map((entity) => `reserved:${entity}`);

/** Identity labels as Cilium prints them: with their source, sorted. */
function labelsOf(end: ObservedEnd): readonly string[] {
  const labels = reservedLabels(end);
  if (end.fqdn !== undefined) labels.push(`fqdn:${end.fqdn}`);
  for (const [key, value] of end.labels) labels.push(`k8s:${key}=${value}`);
  for (const [key, value] of end.namespaceLabels) {
    labels.push(`k8s:io.cilium.k8s.namespace.labels.${key}=${value}`);
  }
  if (end.cluster !== undefined) labels.push(`k8s:io.cilium.k8s.policy.cluster=${end.cluster}`);
  if (end.serviceAccount !== undefined) {
    labels.push(`k8s:io.cilium.k8s.policy.serviceaccount=${end.serviceAccount}`);
  }
  // A proxy's leg has no namespace field, yet its labels still name the namespace.
  const namespace = end.namespaceLabels.get('kubernetes.io/metadata.name');
  if (namespace !== undefined) labels.push(`k8s:io.kubernetes.pod.namespace=${namespace}`);
  return sortedText(labels);
}

/** An Endpoint message in JSON; absent fields are left out. */
export function encodeEnd(end: ObservedEnd): string {
  const clusterName = end.cluster;
  return JSON.stringify({
    ID: end.endpointId,
    identity: end.identity,
    cluster_name: clusterName,
    namespace: end.namespace,
    labels: labelsOf(end),
    pod_name: end.pod,
    workloads: end.workloads.length > 0 ? end.workloads : undefined,
  });
}

/** A TCPFlags message in JSON, in the order of its fields, and Hubble's one-line summary of it. */
export function encodeFlags(flags: PacketFlags): { readonly json: string; readonly summary: string } {
  const { fin, syn, rst, psh, ack } = flags;
  const inFieldOrder = { FIN: fin, SYN: syn, RST: rst, PSH: psh, ACK: ack };
  const inSummaryOrder = { SYN: syn, ACK: ack, RST: rst, FIN: fin, PSH: psh };
  const set = (named: Readonly<Record<string, boolean>>): string[] =>
    Object.keys(named).filter((name) => named[name] === true);
  return {
    json: `{${set(inFieldOrder)
      .map((name) => `"${name}":true`)
      .join(',')}}`,
    summary: `TCP Flags: ${set(inSummaryOrder).join(', ')}`,
  };
}
