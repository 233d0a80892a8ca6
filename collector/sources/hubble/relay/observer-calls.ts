import { failed, ok, type Result } from '#core/result.ts';
import { messageType } from '../wire/schema.ts';
import type { CallFailure } from './call-failure.ts';
import { callUnary, type Metadata, type StreamCall, type StreamHandlers, startStream } from './grpc-call.ts';
import type { Channel } from './http2-channel.ts';

/**
 * What is asked of flows, newest knowledge first: a server refuses a mask with a field it does not know, so each next
 * mask asks for what older servers have; the last is none at all. Servers before 1.16 do not look at it.
 */
const MASKED = [
  ...[
    'time',
    'uuid',
    'verdict',
    'drop_reason_desc',
    'IP',
    'l4',
    'source',
    'destination',
    'Type',
    'node_name',
  ],
  ...['source_names', 'destination_names', 'l7', 'is_reply', 'event_type', 'source_service'],
  ...['destination_service', 'traffic_direction', 'policy_match_type', 'trace_observation_point'],
  ...['trace_reason', 'egress_allowed_by', 'ingress_allowed_by', 'egress_denied_by', 'ingress_denied_by'],
] as const;
export const FIELD_MASKS: readonly (readonly string[] | undefined)[] = [
  [...MASKED, 'aggregate'],
  MASKED,
  undefined,
];

/** Where a stream begins: at an instant, or with so many of the newest flows that each node still holds. */
export type StreamStart =
  | { readonly from: 'instant'; readonly ms: number }
  | { readonly from: 'newest'; readonly count: number };

/** What a server says of itself; a count it does not give is undefined. */
export interface ServerFacts {
  readonly version: string | undefined;
  readonly connectedNodes: number | undefined;
  readonly unavailableNodes: number | undefined;
  /** Some of them by name. */
  readonly unavailable: readonly string[];
  readonly flows: number;
  readonly maxFlows: number;
  readonly seenFlows: number;
}

export interface NodeFacts {
  readonly name: string;
  readonly version: string | undefined;
  /** `NODE_CONNECTED` and the like. */
  readonly state: string;
}

const CALL_TIMEOUT_MS = 10_000;
const NAMES_KEPT = 100;
const NODES_KEPT = 20_000;

type Plain = Readonly<Record<string, unknown>>;

const encoded = (type: string, fields: Plain): Uint8Array => {
  const message = messageType(type);
  return message.encode(message.fromObject(fields)).finish();
};

function decoded(type: string, bytes: Uint8Array): Plain | undefined {
  const message = messageType(type);
  try {
    return message.toObject(message.decode(bytes), { longs: Number, enums: String });
  } catch {
    return undefined;
  }
}

const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, 253) : undefined;

const countIn = (value: unknown): number => (typeof value === 'number' ? value : 0);

function wrappedCount(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return countIn((value as { readonly value?: unknown }).value);
}

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** An answer with what was told beside it. */
export interface Answered<T> {
  readonly value: T;
  readonly metadata: Metadata;
}

async function ask(
  channel: Channel,
  call: { readonly path: string; readonly request: Uint8Array; readonly answer: string },
): Promise<Result<Answered<Plain>, CallFailure>> {
  const answered = await callUnary(channel, { ...call, timeoutMs: CALL_TIMEOUT_MS });
  if (!answered.ok) return answered;
  const value = decoded(call.answer, answered.value.message);
  if (value !== undefined) return ok({ value, metadata: answered.value.metadata });
  return failed({ code: 'broken_stream', detail: 'an answer that can not be decoded', status: undefined });
}

/** Asks grpc.health.v1; `UNKNOWN` and the like as the server says it. */
export async function checkHealth(channel: Channel): Promise<Result<string, CallFailure>> {
  const answered = await ask(channel, {
    path: '/grpc.health.v1.Health/Check',
    request: encoded('grpc.health.v1.HealthCheckRequest', { service: '' }),
    answer: 'grpc.health.v1.HealthCheckResponse',
  });
  return answered.ok ? ok(textIn(answered.value.value['status']) ?? 'UNKNOWN') : answered;
}

/** Asks the server for its own counts. */
export async function askServerStatus(channel: Channel): Promise<Result<Answered<ServerFacts>, CallFailure>> {
  const answered = await ask(channel, {
    path: '/observer.Observer/ServerStatus',
    request: encoded('observer.ServerStatusRequest', {}),
    answer: 'observer.ServerStatusResponse',
  });
  if (!answered.ok) return answered;
  const { value, metadata } = answered.value;
  const unavailable = listIn(value['unavailable_nodes']).slice(0, NAMES_KEPT);
  return ok({
    metadata,
    value: {
      version: textIn(value['version']),
      connectedNodes: wrappedCount(value['num_connected_nodes']),
      unavailableNodes: wrappedCount(value['num_unavailable_nodes']),
      unavailable: unavailable.map(textIn).filter((name) => name !== undefined),
      flows: countIn(value['num_flows']),
      maxFlows: countIn(value['max_flows']),
      seenFlows: countIn(value['seen_flows']),
    },
  });
}

/** Asks Relay for its nodes; an agent knows no such call and fails with `UNIMPLEMENTED`. */
export async function askNodes(channel: Channel): Promise<Result<readonly NodeFacts[], CallFailure>> {
  const answered = await ask(channel, {
    path: '/observer.Observer/GetNodes',
    request: encoded('observer.GetNodesRequest', {}),
    answer: 'observer.GetNodesResponse',
  });
  if (!answered.ok) return answered;
  const nodes: NodeFacts[] = [];
  for (const entry of listIn(answered.value.value['nodes']).slice(0, NODES_KEPT)) {
    const node = entry as Plain; // protobufjs made it
    const name = textIn(node['name']);
    if (name === undefined) continue;
    nodes.push({
      name,
      version: textIn(node['version']),
      state: textIn(node['state']) ?? 'UNKNOWN_NODE_STATE',
    });
  }
  return ok(nodes);
}

const timestamp = (ms: number): Plain => {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: (ms - seconds * 1000) * 1_000_000 };
};

/** Starts following flows. */
export function followFlows(
  channel: Channel,
  want: { readonly start: StreamStart; readonly mask: readonly string[] | undefined },
  handlers: StreamHandlers,
): StreamCall {
  const { start, mask } = want;
  const request = encoded('observer.GetFlowsRequest', {
    follow: true,
    ...(start.from === 'instant' ? { since: timestamp(start.ms) } : { number: start.count }),
    ...(mask === undefined ? {} : { field_mask: { paths: [...mask] } }),
  });
  return startStream(channel, { path: '/observer.Observer/GetFlows', request }, handlers);
}
