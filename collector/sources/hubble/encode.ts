import type { DecidingPolicy } from '#core/flow/flow.ts';
import { type EpochMs, formatInstant } from '#core/flow/time.ts';
import { unreachable } from '#core/result.ts';
import type { Observation, ObservedEnd, PacketFlags, SimulationEvent } from '#core/simulation/observation.ts';
import { encodeL7, summariseL7 } from './encode-l7.ts';
import {
  DROP_REASON_NUMBERS,
  encodeEnd,
  encodeFlags,
  POINTS,
  SOCKET_POINTS,
  TRACE_POINTS,
} from './encode-parts.ts';

/** Turns an event into one line of a Hubble export, without the line end. */
export type HubbleEncoder = (event: SimulationEvent) => string;

/** Match type of a verdict decided by peer and port (`policy_match_type`). */
const MATCH_L3_L4 = 2;

const TRACE_REASONS = { new: 'NEW', established: 'ESTABLISHED', reply: 'REPLY' } as const;

/**
 * RFC 3339 as Go's protojson prints it: no fraction, or three, six or nine digits. Consecutive lines share their
 * second, so that is rendered once.
 */
function timePrinter(): (ms: EpochMs, nanos: number) => string {
  let second = Number.NaN;
  let prefix = '';
  return (ms, nanos) => {
    const current = Math.floor(ms / 1000);
    if (current !== second) {
      second = current;
      prefix = formatInstant(current * 1000).slice(0, -5);
    }
    const fraction = (ms - current * 1000) * 1_000_000 + nanos;
    if (fraction === 0) return `${prefix}Z`;
    const digits = String(fraction).padStart(9, '0');
    if (fraction % 1000 !== 0) return `${prefix}.${digits}Z`;
    return `${prefix}.${digits.slice(0, fraction % 1_000_000 === 0 ? 3 : 6)}Z`;
  };
}

/** Remembers the JSON of values that many lines share. */
function remembering<K extends object, V>(encode: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const made = encode(key);
    known.set(key, made);
    return made;
  };
}

interface Parts {
  readonly time: (ms: EpochMs, nanos: number) => string;
  readonly end: (end: ObservedEnd) => string;
  readonly flags: (flags: PacketFlags) => { readonly json: string; readonly summary: string };
  readonly names: (names: readonly string[]) => string;
  readonly policy: (policy: DecidingPolicy) => string;
}

function portsJson(o: Observation): string {
  const source = o.sourcePort === undefined ? '' : `"source_port":${o.sourcePort}`;
  const comma = o.sourcePort === undefined || o.destinationPort === undefined ? '' : ',';
  const destination = o.destinationPort === undefined ? '' : `"destination_port":${o.destinationPort}`;
  return source + comma + destination;
}

function l4Json(parts: Parts, o: Observation): string {
  if (o.protocol === 'ICMPv4' || o.protocol === 'ICMPv6') {
    return `{"${o.protocol}":{${o.icmpType === undefined || o.icmpType === 0 ? '' : `"type":${o.icmpType}`}}}`;
  }
  const flags = o.flags === undefined ? '' : `,"flags":${parts.flags(o.flags).json}`;
  return `{"${o.protocol}":{${portsJson(o)}${flags}}}`;
}

function typeOf(o: Observation): string {
  if (o.l7 !== undefined) return 'L7';
  return o.socketCookie === undefined ? 'L3_L4' : 'SOCK';
}

function summaryOf(parts: Parts, o: Observation): string {
  if (o.l7 !== undefined) return JSON.stringify(summariseL7(o.l7));
  if (o.flags !== undefined) return `"${parts.flags(o.flags).summary}"`;
  if (o.protocol === 'ICMPv4') return o.icmpType === 8 ? '"ICMPv4 EchoRequest"' : '"ICMPv4 EchoReply"';
  return `"${o.protocol}"`;
}

/** From `time` to `Type`: what was seen, and between whom. */
function whoJson(parts: Parts, o: Observation, time: string): string {
  const dropReason =
    o.dropReason === undefined ? '' : `"drop_reason":${DROP_REASON_NUMBERS[o.dropReason] ?? 0},`;
  const type = typeOf(o);
  const ethernet =
    type === 'L3_L4' ? `"ethernet":{"source":"${o.source.mac}","destination":"${o.destination.mac}"},` : '';
  return (
    `"time":"${time}","uuid":"${o.uuid}","verdict":"${o.verdict.toUpperCase()}",${dropReason}${ethernet}` +
    `"IP":{"source":"${o.source.ip}","destination":"${o.destination.ip}","ipVersion":"IPv4"},` +
    `"l4":${l4Json(parts, o)},"source":${parts.end(o.source)},"destination":${parts.end(o.destination)},"Type":"${type}"`
  );
}

/** From `event_type` to `drop_reason_desc`: how the data path saw it. */
function howJson(o: Observation): string {
  const tracePoint = TRACE_POINTS[o.point];
  const direction = o.direction === 'unknown' ? '' : `,"traffic_direction":"${o.direction.toUpperCase()}"`;
  const service = o.service === undefined ? '' : `,"destination_service":${JSON.stringify(o.service)}`;
  const match = o.point === 'policy-verdict' && o.dropReason === undefined;
  return (
    (o.reply === 'reply' ? ',"reply":true,' : ',') +
    POINTS[o.point] +
    service +
    direction +
    (match ? `,"policy_match_type":${MATCH_L3_L4}` : '') +
    (tracePoint === undefined ? '' : `,"trace_observation_point":"${tracePoint}"`) +
    (o.reason === 'unknown' ? '' : `,"trace_reason":"${TRACE_REASONS[o.reason]}"`) +
    (o.dropReason === undefined ? '' : `,"drop_reason_desc":"${o.dropReason}"`)
  );
}

/** What comes last: reply mark, interface, socket, summary, deciding policy. */
function restJson(parts: Parts, o: Observation): string {
  const overlay = o.point === 'to-overlay' ? ',"interface":{"index":6,"name":"cilium_vxlan"}' : '';
  const socketPoint = SOCKET_POINTS[o.point];
  const socket =
    o.socketCookie === undefined || socketPoint === undefined
      ? ''
      : `,"sock_xlate_point":"${socketPoint}","socket_cookie":"${o.socketCookie}","cgroup_id":"${o.socketCookie + 7000}"`;
  const direction = o.direction === 'egress' ? 'egress_allowed_by' : 'ingress_allowed_by';
  const policy = o.allowedBy === undefined ? '' : `,"${direction}":[${parts.policy(o.allowedBy)}]`;
  return (
    (o.reply === 'unknown' ? '' : `,"is_reply":${o.reply === 'reply'}`) +
    overlay +
    socket +
    `,"Summary":${summaryOf(parts, o)}` +
    policy
  );
}

function flowLine(parts: Parts, o: Observation): string {
  const time = parts.time(o.at, o.atNanos);
  const node = `"node_name":"${o.node}"`;
  const sourceNames = o.sourceNames.length === 0 ? '' : `,"source_names":${parts.names(o.sourceNames)}`;
  const destinationNames =
    o.destinationNames.length === 0 ? '' : `,"destination_names":${parts.names(o.destinationNames)}`;
  const l7 = o.l7 === undefined ? '' : `,"l7":${encodeL7(o.l7)}`;
  return `{"flow":{${whoJson(parts, o, time)},${node}${sourceNames}${destinationNames}${l7}${howJson(o)}${restJson(parts, o)}},${node},"time":"${time}"}`;
}

const NODE_CHANGES = { connected: 'NODE_CONNECTED', unavailable: 'NODE_UNAVAILABLE' } as const;

function encodePolicy(policy: DecidingPolicy): string {
  const { name, namespace, kind } = policy;
  return JSON.stringify({
    name,
    namespace,
    labels: [
      `k8s:io.cilium.k8s.policy.derived-from=${kind}`,
      `k8s:io.cilium.k8s.policy.name=${name}`,
      `k8s:io.cilium.k8s.policy.namespace=${namespace}`,
    ],
    revision: '2',
    kind,
  });
}

/**
 * A new encoder that prints events as Cilium's exporter and `hubble observe -o json` do: names as in `flow.proto`,
 * fields in its order, enums as text, 64-bit numbers as text, zero and absent left out. It remembers shared parts,
 * so one encoder per stream is fastest; the bytes do not depend on it.
 */
export function createHubbleEncoder(): HubbleEncoder {
  const parts: Parts = {
    time: timePrinter(),
    end: remembering(encodeEnd),
    flags: remembering(encodeFlags),
    names: remembering((names: readonly string[]) => JSON.stringify(names)),
    policy: remembering(encodePolicy),
  };
  return (event) => {
    switch (event.kind) {
      case 'flow':
        return flowLine(parts, event.observation);
      case 'lost-events':
        return `{"lost_events":{"source":"HUBBLE_RING_BUFFER","num_events_lost":"${event.count}"},"node_name":"${event.node}","time":"${parts.time(event.at, event.atNanos)}"}`;
      case 'node-status':
        return `{"node_status":{"state_change":"${NODE_CHANGES[event.change]}","node_names":${JSON.stringify(event.nodes)}},"node_name":"${event.nodes[0] ?? ''}","time":"${parts.time(event.at, event.atNanos)}"}`;
      default:
        return unreachable(event);
    }
  };
}
