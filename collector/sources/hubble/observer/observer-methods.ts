import { type EpochMs, formatInstant } from '#core/flow/time.ts';
import { encodeResponse, responseOfRecord } from '../wire/encode-frame.ts';
import { messageType } from '../wire/schema.ts';
import { cutsOf, type StreamCut } from './cut-plan.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { FlowHub } from './flow-hub.ts';
import { type CheckedRequest, checkRequest, sendFlows } from './get-flows.ts';
import { framed } from './grpc-frame.ts';
import type { GrpcMethod, ServerCall } from './grpc-server.ts';
import { GRPC_STATUS, GrpcError } from './grpc-status.ts';
import { type NodeState, statusRecord } from './served-record.ts';
import type { ServerMinor } from './server-version.ts';

/** Streams of flows, counted. */
export class StreamCount {
  open = 0;
  /** Streams that ask for what is to come. */
  following = 0;
  /** Of those, the ones that have not yet read all there is. */
  reading = 0;
  sentMessages = 0;
  cuts = 0;
}

interface ServiceParts {
  readonly hub: FlowHub;
  readonly minor: ServerMinor;
  readonly version: string;
  readonly role: 'relay' | 'agent';
  readonly faults: FaultPlan;
  readonly seed: number;
  readonly streams: StreamCount;
  readonly hasTls: boolean;
  readonly wallMs: () => EpochMs;
  readonly uptimeMs: () => number;
}

/** Names under which health is asked for: `hubble status` uses the last (`v1.ObserverServiceName`). */
const HEALTHY_SERVICES: ReadonlySet<string> = new Set(['', 'observer.Observer', 'hubble.server.Observer']);
const SERVING = 1;
/** Relay names no more than these in ServerStatus. */
const MAX_UNAVAILABLE_NAMED = 10;

const encoded = (type: string, message: object): Buffer => framed(messageType(type).encode(message).finish());

/** A method with one answer. */
const unary =
  (type: string, answer: (request: Uint8Array) => object): GrpcMethod =>
  async (request, call) => {
    await call.answer.write(encoded(type, answer(request)));
  };

function checkHealth(request: Uint8Array): object {
  const { service } = messageType('grpc.health.v1.HealthCheckRequest').decode(request) as unknown as {
    readonly service: string;
  };
  if (!HEALTHY_SERVICES.has(service)) throw new GrpcError(GRPC_STATUS.notFound, 'unknown service');
  return { status: SERVING };
}

/** Says that it serves, and nothing more until the client leaves. */
const watchHealth: GrpcMethod = async (request, call) => {
  await call.answer.write(encoded('grpc.health.v1.HealthCheckResponse', checkHealth(request)));
  await new Promise((resolve) => call.signal.addEventListener('abort', resolve, { once: true }));
};

function serverStatus({ hub, role, version, uptimeMs }: ServiceParts): object {
  const away = hub.nodes().filter(({ isConnected }) => !isConnected);
  return {
    num_flows: hub.ring.size,
    max_flows: hub.ring.capacity,
    seen_flows: hub.seenFlows,
    uptime_ns: Math.round(uptimeMs()) * 1_000_000,
    flows_rate: hub.flowsRate(),
    version: `${role === 'relay' ? 'hubble-relay' : 'cilium'} v${version}`,
    ...(role === 'relay' && {
      num_connected_nodes: { value: hub.nodes().length - away.length },
      num_unavailable_nodes: { value: away.length },
      unavailable_nodes: away.slice(0, MAX_UNAVAILABLE_NAMED).map(({ name }) => name),
    }),
  };
}

function nodes(parts: ServiceParts): object {
  if (parts.role === 'agent') {
    throw new GrpcError(GRPC_STATUS.unimplemented, 'GetNodes not implemented');
  }
  const all = parts.hub.nodes();
  return {
    nodes: all.map(({ name, isConnected, seenFlows }) => ({
      name,
      version: `cilium v${parts.version}`,
      state: isConnected ? NODE_CONNECTED : NODE_UNAVAILABLE,
      tls: parts.hasTls ? { enabled: true, server_name: tlsNameOf(name) } : { enabled: false },
      uptime_ns: isConnected ? Math.round(parts.uptimeMs()) * 1_000_000 : 0,
      max_flows: Math.floor(parts.hub.ring.capacity / all.length),
      num_flows: Math.min(seenFlows, Math.floor(parts.hub.ring.capacity / all.length)),
      seen_flows: seenFlows,
    })),
  };
}

const NODE_CONNECTED = 1;
const NODE_UNAVAILABLE = 2;

/** `node-1.demo.hubble-grpc.cilium.io` for `demo/node-1`, as agents are named in their certificates. */
function tlsNameOf(name: string): string {
  const slash = name.indexOf('/');
  const cluster = slash === -1 ? 'default' : name.slice(0, slash);
  return `${name.slice(slash + 1).replaceAll('.', '-')}.${cluster}.hubble-grpc.cilium.io`;
}

const statusFrame = (
  at: EpochMs,
  facts: { readonly state: NodeState; readonly nodes: readonly string[]; readonly message?: string },
): Buffer => {
  const { record } = statusRecord({ at, node: '' }, facts);
  return framed(encodeResponse(responseOfRecord({ ...record, time: formatInstant(at) })));
};

/** A Relay begins with what it knows of its nodes; an agent has none. */
async function greet({ hub, role, wallMs }: ServiceParts, call: ServerCall): Promise<void> {
  if (role === 'agent') return;
  for (const [state, isConnected] of [
    ['NODE_CONNECTED', true],
    ['NODE_UNAVAILABLE', false],
  ] as const) {
    const names = hub.nodes().flatMap((node) => (node.isConnected === isConnected ? [node.name] : []));
    if (names.length > 0) await call.answer.write(statusFrame(wallMs(), { state, nodes: names }));
  }
}

/**
 * What a Relay makes of a request that its nodes refuse: an error of each of them in the stream, which then stays
 * open for a client that follows (`relay/observer/observer.go`, nodeStatusError).
 */
async function tellRefusal(parts: ServiceParts, call: ServerCall, refusal: GrpcError): Promise<void> {
  await greet(parts, call);
  const names = parts.hub.nodes().map(({ name }) => name);
  const facts = { state: 'NODE_ERROR', nodes: names, message: refusal.message } as const;
  await call.answer.write(statusFrame(parts.wallMs(), facts));
  await new Promise((resolve) => call.signal.addEventListener('abort', resolve, { once: true }));
}

async function stream(
  parts: ServiceParts,
  call: ServerCall,
  wanted: { readonly request: CheckedRequest; readonly cut: StreamCut | undefined },
): Promise<void> {
  const { hub, streams } = parts;
  const isFollowing = wanted.request.query.follow ? 1 : 0;
  let isReading = isFollowing;
  streams.open += 1;
  streams.following += isFollowing;
  streams.reading += isReading;
  try {
    await greet(parts, call);
    await sendFlows(
      {
        hub,
        ...wanted,
        onSent: (count) => {
          streams.sentMessages += count;
        },
        onCut: () => {
          streams.cuts += 1;
        },
        onState: (state) => {
          streams.reading -= isReading;
          isReading = state === 'reading' ? isFollowing : 0;
          streams.reading += isReading;
        },
      },
      call,
    );
  } finally {
    streams.open -= 1;
    streams.following -= isFollowing;
    streams.reading -= isReading;
  }
}

function getFlows(parts: ServiceParts): GrpcMethod {
  const nextCut = cutsOf(parts.faults, parts.seed);
  return async (bytes, call) => {
    let request: CheckedRequest;
    try {
      request = checkRequest(bytes, parts.minor);
    } catch (error) {
      if (parts.faults.tellsNodeErrors !== true || !(error instanceof GrpcError)) throw error;
      return tellRefusal(parts, call, error);
    }
    return stream(parts, call, { request, cut: nextCut() });
  };
}

/** Every method that this server has, by its path; others are Unimplemented, as agent and debug events are on Relay. */
export function observerMethods(parts: ServiceParts): ReadonlyMap<string, GrpcMethod> {
  const { hub } = parts;
  const methods: Readonly<Record<string, GrpcMethod>> = {
    '/grpc.health.v1.Health/Check': unary('grpc.health.v1.HealthCheckResponse', checkHealth),
    '/grpc.health.v1.Health/Watch': watchHealth,
    '/observer.Observer/ServerStatus': unary('observer.ServerStatusResponse', () => serverStatus(parts)),
    '/observer.Observer/GetNodes': unary('observer.GetNodesResponse', () => nodes(parts)),
    '/observer.Observer/GetNamespaces': unary('observer.GetNamespacesResponse', () => ({
      namespaces: hub.namespaces(),
    })),
    '/observer.Observer/GetFlows': getFlows(parts),
  };
  const denied: GrpcMethod = () => {
    throw new GrpcError(GRPC_STATUS.permissionDenied, 'this client may not observe flows');
  };
  const isDenied = parts.faults.isDenied === true;
  return new Map(Object.entries(methods).map(([path, method]) => [path, isDenied ? denied : method]));
}
