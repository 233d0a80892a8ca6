import { groupedBy } from '#core/grouped-by.ts';
import { compareText } from '#core/order.ts';
import type { ClusterModel, ClusterService, ServicePort } from '../cluster/cluster-model.ts';
import type { PortPoint } from '../fast/fast-engine.ts';
import type { WorldPod } from '../world.ts';
import type { SeenLink } from './seen-links.ts';

/**
 * On which ports somebody listens, as far as anybody says so. A container may listen on a port that its manifest does
 * not name, so that this is the smaller of the two readings of what can be reached.
 */
export interface Listeners {
  /** By index of the workload, sorted; empty where nothing is known to listen. */
  readonly points: readonly (readonly PortPoint[])[];
  /** Workloads of which no port is known. */
  readonly silent: number;
}

const byProtocolThenPort = (a: PortPoint, b: PortPoint): number =>
  compareText(a.protocol, b.protocol) || a.port - b.port;

type Noted = Map<string, PortPoint>[];

function note(noted: Noted, workload: number, { protocol, port }: PortPoint): void {
  noted[workload]?.set(`${protocol}/${port}`, { protocol, port });
}

function isSelected({ namespace, selector }: ClusterService, pod: WorldPod): boolean {
  if (selector === undefined || selector.length === 0 || pod.namespace !== namespace) return false;
  const labels = new Map(pod.labels);
  return selector.every(([key, value]) => labels.get(key) === value);
}

function targetOf({ protocol, targetPort }: ServicePort, pod: WorldPod): PortPoint | undefined {
  if (typeof targetPort === 'number') return { protocol, port: targetPort };
  return pod.namedPorts.find((named) => named.name === targetPort && named.protocol === protocol);
}

/** Ports behind Services count too: pods listen where a Service leads, or it would lead nowhere. */
function noteServices(noted: Noted, { pods, services }: ClusterModel): void {
  const podsByNamespace = groupedBy(pods, ({ pod }) => pod.namespace);
  for (const service of services) {
    const behind = (podsByNamespace.get(service.namespace) ?? []).filter(({ pod }) =>
      isSelected(service, pod),
    );
    for (const { pod, workload } of behind) {
      const targets = service.ports.map((port) => targetOf(port, pod)).filter((each) => each !== undefined);
      for (const target of targets) note(noted, workload, target);
    }
  }
}

/**
 * The ports that containers declare, that Services lead to, and on which flows were answered. Undefined when no port of
 * any workload is known: then nothing can be said about who listens.
 */
export function listenersOf(model: ClusterModel, links: readonly SeenLink[]): Listeners | undefined {
  const noted: Noted = model.workloads.map(() => new Map());
  for (const [index, { ports }] of model.workloads.entries()) {
    for (const port of ports) note(noted, index, port);
  }
  for (const { pod, workload } of model.pods) for (const port of pod.namedPorts) note(noted, workload, port);
  noteServices(noted, model);
  for (const { to, point, isRefused } of links) {
    if (to !== undefined && point !== undefined && !isRefused) note(noted, to, point);
  }
  const points = noted.map((own) => [...own.values()].sort(byProtocolThenPort));
  const silent = points.filter((own) => own.length === 0).length;
  return silent === points.length ? undefined : { points, silent };
}
