import type { Edge } from '#core/graph/edge.ts';
import { compareText } from '#core/order.ts';
import { type ClusterModel, describeWorkload } from '../cluster/cluster-model.ts';
import type { CniProfile } from '../world.ts';
import {
  type DeadEnd,
  type ListedPort,
  OPENNESS_LEVELS,
  type PodPort,
  type PolicyReach,
  type Usage,
} from './door.ts';
import { findDoors } from './find-doors.ts';
import { doorReachesOf, frontsOf, opennessOf } from './openness.ts';
import { ReachFinder } from './policy-reach.ts';
import { PortUses } from './port-use.ts';

export interface PortsRequest {
  readonly model: ClusterModel;
  readonly profile: CniProfile;
  /** Undefined when no flows are at hand: then nothing is said to be unused. */
  readonly flows: { readonly edges: Iterable<Edge>; readonly cluster: string } | undefined;
  /** Called with the ports done so far. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface PortsReport {
  /** Most exposed first, and of those the unused ones first. */
  readonly ports: readonly ListedPort[];
  readonly deadEnds: readonly DeadEnd[];
}

const pointOf = ({ protocol, port }: PodPort): string => `${protocol}|${String(port).padStart(5, '0')}`;

/** Ports that answered and that no manifest declares, of workloads that the model knows. */
function undeclared(
  model: ClusterModel,
  known: readonly PodPort[],
  uses: PortUses | undefined,
): readonly PodPort[] {
  if (uses === undefined) return [];
  const places = new Map<string, number>();
  for (const [place, { namespace, name }] of model.workloads.entries())
    places.set(`${namespace}/${name}`, place);
  const declared = new Set(
    known.map(({ workload: { namespace, name }, ...at }) => `${namespace}/${name}|${at.protocol}|${at.port}`),
  );
  return uses.answering().flatMap(({ namespace, name, protocol, port }): readonly PodPort[] => {
    const place = places.get(`${namespace}/${name}`);
    const workload = place === undefined ? undefined : model.workloads[place];
    if (place === undefined || workload === undefined) return [];
    if (declared.has(`${namespace}/${name}|${protocol}|${port}`)) return [];
    return [{ place, workload, protocol, port, doors: [], isDeclared: false }];
  });
}

/** The reach of each port; ports of one number come one after the other, as the finder wants it. */
function reachesOf(
  { model, profile, onProgress }: PortsRequest,
  ports: readonly PodPort[],
): ReadonlyMap<PodPort, PolicyReach> {
  const finder = new ReachFinder(model, profile);
  const reaches = new Map<PodPort, PolicyReach>();
  for (const port of ports.toSorted((a, b) => compareText(pointOf(a), pointOf(b)))) {
    onProgress?.(reaches.size, ports.length);
    reaches.set(port, finder.reachOf(port));
  }
  onProgress?.(ports.length, ports.length);
  return reaches;
}

/** Nobody uses it, as far as anybody can tell, comes first. */
const USAGE_ORDER: readonly Usage['kind'][] = [
  'unused',
  'workload-unseen',
  'denied',
  'host-network',
  'no-flows',
  'used',
];

const comparePorts = (a: ListedPort, b: ListedPort): number =>
  OPENNESS_LEVELS.indexOf(a.openness) - OPENNESS_LEVELS.indexOf(b.openness) ||
  USAGE_ORDER.indexOf(a.usage.kind) - USAGE_ORDER.indexOf(b.usage.kind) ||
  compareText(describeWorkload(a.workload), describeWorkload(b.workload)) ||
  compareText(a.protocol, b.protocol) ||
  a.port - b.port;

/**
 * Every port of the pods of a cluster: which Services, Ingresses, node and host ports lead there, from where policies
 * let connections in, and whether flows show that anybody came. Port names stand for what each pod calls so.
 */
export function listPorts(request: PortsRequest): PortsReport {
  const { model, flows } = request;
  const { ports: declared, deadEnds } = findDoors(model);
  const uses = flows && new PortUses(flows.edges, flows.cluster);
  const ports = [...declared, ...undeclared(model, declared, uses)];
  const reaches = reachesOf(request, ports);
  const reached = ports.flatMap((port) => {
    const reach = reaches.get(port);
    return reach === undefined ? [] : [{ ...port, port, reach, text: describeWorkload(port.workload) }];
  });
  const fronts = frontsOf(reached.map(({ doors, reach, text }) => ({ doors, reach, workload: text })));
  const listed = reached.map(({ port, reach, text }): ListedPort => {
    const doorReaches = doorReachesOf({ doors: port.doors, reach, workload: text }, fronts);
    return {
      ...port,
      openness: opennessOf(reach, doorReaches),
      reach,
      doorReaches,
      usage: uses?.usageOf(port, reach.isUngoverned) ?? { kind: 'no-flows' },
      isUndeclared: port.doors.length === 0,
    };
  });
  return { ports: listed.sort(comparePorts), deadEnds };
}
