import type { Coverage } from '#core/flow/coverage.ts';
import type { Flow, FlowEndpoint } from '#core/flow/flow.ts';
import { describeEdge, type Edge } from '#core/graph/edge.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import { createPipeline, PIPELINE_DEFAULTS } from '../../collector/pipeline.ts';

/** 2026-03-02T08:00:00Z. */
export const START = 1_772_438_400_000;

const NOBODY: FlowEndpoint = {
  ip: undefined,
  port: undefined,
  identity: undefined,
  cluster: undefined,
  namespace: undefined,
  pod: undefined,
  workloads: [],
  labels: new Map(),
  namespaceLabels: new Map(),
  entities: [],
  names: [],
};

/** A pod's end: `pod('shop/cart-7d9c5b6f4-x2x4z', '10.0.0.1', 40000)`. */
export function pod(name: string, ip: string, port?: number, more: Partial<FlowEndpoint> = {}): FlowEndpoint {
  const [namespace = '', podName = ''] = name.split('/');
  const app = podName.replace(/-[a-z0-9]+-[a-z0-9]{5}$/, '');
  return { ...NOBODY, namespace, pod: podName, ip, port, labels: new Map([['app', app]]), ...more };
}

/** An address outside the cluster. */
export const world = (ip: string, port?: number, more: Partial<FlowEndpoint> = {}): FlowEndpoint => ({
  ...NOBODY,
  ip,
  port,
  entities: ['world'],
  identity: 2,
  ...more,
});

/** An end with nothing but what is given. */
export const endpoint = (more: Partial<FlowEndpoint>): FlowEndpoint => ({ ...NOBODY, ...more });

/** A forwarded TCP trace without any proof of direction. */
export function flow(source: FlowEndpoint, destination: FlowEndpoint, more: Partial<Flow> = {}): Flow {
  return {
    at: START,
    atNanos: 0,
    uuid: undefined,
    node: 'node-1',
    kind: 'trace',
    verdict: 'forwarded',
    dropReason: undefined,
    protocol: 'TCP',
    source,
    destination,
    tcpFlags: undefined,
    icmpType: undefined,
    reply: 'unknown',
    direction: 'unknown',
    isNew: false,
    l7: undefined,
    service: undefined,
    allowedBy: [],
    deniedBy: [],
    count: 1,
    isAggregate: false,
    ...more,
  };
}

const NO_FLAGS = { syn: false, ack: false, rst: false, fin: false };
export const SYN = { ...NO_FLAGS, syn: true };
export const SYN_ACK = { ...NO_FLAGS, syn: true, ack: true };
export const RST = { ...NO_FLAGS, rst: true, ack: true };
export const ACK = { ...NO_FLAGS, ack: true };

export interface Outcome {
  readonly graph: ServiceGraph;
  readonly coverage: Coverage;
  readonly world: SeenWorld;
  /** Readable lines of the edges, sorted. */
  readonly lines: readonly string[];
  readonly edges: readonly Edge[];
}

/** Sends flows through the whole pipeline and folds what comes out. */
export function run(flows: readonly Flow[], options: Partial<typeof PIPELINE_DEFAULTS> = {}): Outcome {
  const builder = new GraphBuilder();
  const pipeline = createPipeline((window) => builder.apply(window), { ...PIPELINE_DEFAULTS, ...options });
  for (const each of flows) pipeline.add(each);
  pipeline.flush();
  const graph = builder.snapshot();
  const edges = [...graph.edges.values()];
  const lines = edges.map(describeEdge).sort();
  return { graph, coverage: pipeline.coverage(), world: pipeline.world(), lines, edges };
}
