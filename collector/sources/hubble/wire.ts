/**
 * The record as parsed from JSON: nothing about it is known yet. Each field has the exporter's name and the camel
 * case one; which of them is there differs by encoder.
 */
export interface WireRecord extends WireFlow {
  readonly flow?: unknown;
  readonly lost_events?: unknown;
  readonly lostEvents?: unknown;
  readonly node_status?: unknown;
  readonly nodeStatus?: unknown;
  readonly agent_event?: unknown;
  readonly agentEvent?: unknown;
  readonly debug_event?: unknown;
  readonly debugEvent?: unknown;
  readonly cluster_name?: unknown;
  readonly clusterName?: unknown;
  readonly component_name?: unknown;
}

export interface WireFlow {
  readonly time?: unknown;
  readonly uuid?: unknown;
  readonly verdict?: unknown;
  readonly drop_reason?: unknown;
  readonly dropReason?: unknown;
  readonly drop_reason_desc?: unknown;
  readonly dropReasonDesc?: unknown;
  readonly IP?: unknown;
  readonly ip?: unknown;
  readonly l4?: unknown;
  readonly source?: unknown;
  readonly destination?: unknown;
  readonly Type?: unknown;
  readonly type?: unknown;
  readonly node_name?: unknown;
  readonly nodeName?: unknown;
  readonly source_names?: unknown;
  readonly sourceNames?: unknown;
  readonly destination_names?: unknown;
  readonly destinationNames?: unknown;
  readonly l7?: unknown;
  readonly reply?: unknown;
  readonly is_reply?: unknown;
  readonly isReply?: unknown;
  readonly event_type?: unknown;
  readonly eventType?: unknown;
  readonly source_service?: unknown;
  readonly sourceService?: unknown;
  readonly destination_service?: unknown;
  readonly destinationService?: unknown;
  readonly traffic_direction?: unknown;
  readonly trafficDirection?: unknown;
  readonly policy_match_type?: unknown;
  readonly policyMatchType?: unknown;
  readonly trace_observation_point?: unknown;
  readonly traceObservationPoint?: unknown;
  readonly trace_reason?: unknown;
  readonly traceReason?: unknown;
  readonly egress_allowed_by?: unknown;
  readonly egressAllowedBy?: unknown;
  readonly ingress_allowed_by?: unknown;
  readonly ingressAllowedBy?: unknown;
  readonly egress_denied_by?: unknown;
  readonly egressDeniedBy?: unknown;
  readonly ingress_denied_by?: unknown;
  readonly ingressDeniedBy?: unknown;
  readonly aggregate?: unknown;
}

export interface WireEndpoint {
  readonly identity?: unknown;
  readonly namespace?: unknown;
  readonly labels?: unknown;
  readonly labelsList?: unknown;
  readonly pod_name?: unknown;
  readonly podName?: unknown;
  readonly cluster_name?: unknown;
  readonly clusterName?: unknown;
  readonly workloads?: unknown;
}

export interface WireAddresses {
  readonly source?: unknown;
  readonly destination?: unknown;
}

export interface WireTransport {
  readonly TCP?: unknown;
  readonly UDP?: unknown;
  readonly SCTP?: unknown;
  readonly ICMPv4?: unknown;
  readonly ICMPv6?: unknown;
  readonly VRRP?: unknown;
  readonly IGMP?: unknown;
  /** Go's own encoder nests the one that is set. */
  readonly Protocol?: unknown;
}

export interface WirePorts {
  readonly source_port?: unknown;
  readonly sourcePort?: unknown;
  readonly destination_port?: unknown;
  readonly destinationPort?: unknown;
  readonly flags?: unknown;
  readonly type?: unknown;
}

export interface WireFlags {
  readonly SYN?: unknown;
  readonly ACK?: unknown;
  readonly RST?: unknown;
  readonly FIN?: unknown;
}

/** The first field of a record that can not be what it should be. */
export class Faults {
  at: string | undefined = undefined;

  note(field: string): undefined {
    this.at ??= field;
    return undefined;
  }
}

/** True for a JSON object, which `Shape` then describes field by field as unknown. */
export const isMessage = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The message in a field; undefined when it is absent, or noted as a fault when it is no object. */
export function messageAt<Shape extends object>(
  value: unknown,
  field: string,
  faults: Faults,
): Shape | undefined {
  if (value === undefined || value === null) return undefined;
  return isMessage(value) ? (value as Shape) : faults.note(field);
}

/** The text in a field; undefined when absent or empty, noted as a fault when it is no text. */
export function textAt(value: unknown, field: string, faults: Faults): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return value === undefined || value === null ? undefined : faults.note(field);
}

/** The text in a field that nothing depends on; undefined when it is no text, or empty. */
export const looseText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** The texts of a list that nothing depends on. */
export function looseTexts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return NO_TEXTS;
  const texts = value.filter((item): item is string => typeof item === 'string' && item !== '');
  return texts.length === 0 ? NO_TEXTS : texts;
}

/** The one empty list, so that flows without names share it. */
export const NO_TEXTS: readonly string[] = [];

const DIGITS = /^\d{1,16}$/;

/** A non-negative integer, given as number or as digits; undefined when absent, a fault when it is none. */
export function integerAt(value: unknown, field: string, faults: Faults): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && DIGITS.test(value) ? Number(value) : value;
  const isCount = typeof number === 'number' && Number.isSafeInteger(number) && number >= 0;
  return isCount ? number : faults.note(field);
}
