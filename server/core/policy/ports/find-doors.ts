import { compareText } from '#core/order.ts';
import {
  type ClusterIngress,
  type ClusterModel,
  type ClusterPod,
  type ClusterService,
  type ContainerPort,
  describeWorkload,
  type IngressBackend,
  type ServicePort,
} from '../cluster/cluster-model.ts';
import type { PolicyProtocol } from '../world.ts';
import { type DeadEnd, type DeadEndReason, DOOR_KINDS, type Door, type PodPort } from './door.ts';

/** Every port of pods to which something leads, and what leads nowhere. */
export interface FoundDoors {
  /** By workload, protocol and port. */
  readonly ports: readonly PodPort[];
  readonly deadEnds: readonly DeadEnd[];
}

const isAlive = ({ pod }: ClusterPod): boolean => pod.phase !== 'Succeeded' && pod.phase !== 'Failed';

const nameOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `${namespace}/${name}`;

/** The pods of one workload behind one Service port, at the port that they resolve it to. */
interface Landing {
  readonly place: number;
  readonly port: number;
  readonly pods: number;
}

/** Doors by workload and port, while they are gathered. */
class Gathering {
  readonly deadEnds: DeadEnd[] = [];
  private readonly model: ClusterModel;
  private readonly byNamespace = new Map<string, ClusterPod[]>();
  private readonly podCounts = new Map<number, number>();
  private readonly doors = new Map<
    string,
    { place: number; port: ContainerPort; doors: Door[]; isDeclared: boolean }
  >();

  constructor(model: ClusterModel) {
    this.model = model;
    for (const pod of model.pods.filter(isAlive)) {
      const { namespace } = pod.pod;
      const known = this.byNamespace.get(namespace);
      if (known === undefined) this.byNamespace.set(namespace, [pod]);
      else known.push(pod);
      this.podCounts.set(pod.workload, (this.podCounts.get(pod.workload) ?? 0) + 1);
    }
  }

  add(place: number, at: { readonly protocol: PolicyProtocol; readonly port: number }, door: Door): void {
    const key = `${place}|${at.protocol}|${at.port}`;
    const known = this.doors.get(key);
    const isDeclared = door.kind === 'container' || door.kind === 'host-network' || door.kind === 'host-port';
    if (known === undefined) {
      const port = { name: undefined, hostPort: undefined, ...at };
      this.doors.set(key, { place, port, doors: [door], isDeclared });
      return;
    }
    known.doors.push(door);
    known.isDeclared ||= isDeclared;
  }

  /** Where a Service port leads, workload by workload; a name stands for what each pod calls so. */
  landings(
    { namespace, selector }: ClusterService,
    { targetPort, protocol }: ServicePort,
  ): readonly Landing[] {
    const landings = new Map<string, Landing>();
    for (const { pod, workload } of this.byNamespace.get(namespace) ?? []) {
      if (!doesSelect(selector ?? [], pod.labels)) continue;
      const named = pod.namedPorts.find((each) => each.name === targetPort && each.protocol === protocol);
      const port = typeof targetPort === 'number' ? targetPort : named?.port;
      if (port === undefined) continue;
      const key = `${workload}|${port}`;
      const pods = (landings.get(key)?.pods ?? 0) + 1;
      landings.set(key, { place: workload, port, pods });
    }
    return [...landings.values()];
  }

  selectsAnybody({ namespace, selector }: ClusterService): boolean {
    const pods = this.byNamespace.get(namespace) ?? [];
    return pods.some(({ pod }) => doesSelect(selector ?? [], pod.labels));
  }

  isPartial({ place, pods }: Landing): boolean {
    return pods < (this.podCounts.get(place) ?? 0);
  }

  found(): FoundDoors {
    const ports = [...this.doors.values()].flatMap(
      ({ place, port, doors, isDeclared }): readonly PodPort[] => {
        const workload = this.model.workloads[place];
        if (workload === undefined) return [];
        const { protocol, port: number } = port;
        return [{ place, workload, protocol, port: number, doors: doors.toSorted(compareDoors), isDeclared }];
      },
    );
    return { ports, deadEnds: this.deadEnds.toSorted(compareDeadEnds) };
  }
}

const compareDoors = (a: Door, b: Door): number =>
  DOOR_KINDS.indexOf(a.kind) - DOOR_KINDS.indexOf(b.kind) ||
  compareText(a.object, b.object) ||
  (a.port ?? 0) - (b.port ?? 0) ||
  compareText(a.at.join(' '), b.at.join(' '));

const compareDeadEnds = (a: DeadEnd, b: DeadEnd): number =>
  compareText(a.object, b.object) || compareText(a.kind, b.kind) || compareText(a.port, b.port);

type LabelPairs = readonly (readonly [key: string, value: string])[];

const doesSelect = (selector: LabelPairs, labels: LabelPairs): boolean =>
  selector.every(([key, value]) => labels.some(([own, other]) => own === key && other === value));

const PLAIN_DOOR = {
  service: undefined,
  at: [],
  clients: [],
  externalTrafficPolicy: undefined,
  onlySomePods: false,
} satisfies Partial<Door>;

const declaredKey = ({ protocol, port, hostPort }: ContainerPort): string =>
  `${protocol}|${port}|${hostPort ?? ''}`;

/** What a container's own declaration opens: on the network of its node, that port of the node. */
function kindsOf({ hostPort }: ContainerPort, isOfNode: boolean): readonly Door['kind'][] {
  if (isOfNode) return ['host-network'];
  return hostPort === undefined ? ['container'] : ['host-port', 'container'];
}

function addContainers(gathering: Gathering, model: ClusterModel): void {
  const nodes = new Set(model.pods.filter(({ pod }) => pod.hostNetwork).map(({ workload }) => workload));
  for (const [place, workload] of model.workloads.entries()) {
    const declared = new Map(workload.ports.map((at) => [declaredKey(at), at]));
    const plain = { ...PLAIN_DOOR, object: describeWorkload(workload), source: workload.source };
    for (const at of declared.values()) {
      for (const kind of kindsOf(at, nodes.has(place))) {
        const port = kind === 'host-port' ? at.hostPort : at.port;
        gathering.add(place, at, { ...plain, kind, name: at.name, port });
      }
    }
  }
}

const targetText = ({ name, port, targetPort }: ServicePort): string =>
  `${port}${name === undefined ? '' : ` (${name})`}${targetPort === port ? '' : ` -> ${targetPort}`}`;

function deadEnd(service: ClusterService, port: ServicePort | undefined, reason: DeadEndReason): DeadEnd {
  const text = port === undefined ? (service.externalName ?? 'every port') : targetText(port);
  return { kind: 'Service', object: nameOf(service), port: text, reason, source: service.source };
}

/** The doors one Service port is: its own, and those of its type that begin outside. */
function doorsOf(service: ClusterService, at: ServicePort): readonly Omit<Door, 'onlySomePods'>[] {
  const { type, externalTrafficPolicy, externalIps, loadBalancerSourceRanges: clients, source } = service;
  const object = nameOf(service);
  const plain = { ...PLAIN_DOOR, object, service: object, name: at.name, port: at.port, source };
  const outside = { ...plain, externalTrafficPolicy };
  const doors: Omit<Door, 'onlySomePods'>[] = [{ ...plain, kind: 'service' }];
  if (type === 'LoadBalancer') doors.push({ ...outside, kind: 'load-balancer', clients });
  if (type === 'NodePort' || type === 'LoadBalancer')
    doors.push({ ...outside, kind: 'node-port', port: at.nodePort });
  if (externalIps.length > 0) doors.push({ ...outside, kind: 'external-ip', at: externalIps });
  return doors;
}

function addServicePort(gathering: Gathering, service: ClusterService, at: ServicePort): void {
  const landings = gathering.landings(service, at);
  if (landings.length === 0) {
    const reason = gathering.selectsAnybody(service) ? 'name-unknown' : 'selects-nobody';
    gathering.deadEnds.push(deadEnd(service, at, reason));
  }
  for (const landing of landings) {
    const onlySomePods = gathering.isPartial(landing);
    for (const door of doorsOf(service, at))
      gathering.add(landing.place, { protocol: at.protocol, port: landing.port }, { ...door, onlySomePods });
  }
}

function addService(gathering: Gathering, service: ClusterService): void {
  if (service.type === 'ExternalName') {
    gathering.deadEnds.push(deadEnd(service, undefined, 'external-name'));
    return;
  }
  for (const at of service.ports) {
    if (service.selector === undefined) gathering.deadEnds.push(deadEnd(service, at, 'no-selector'));
    else addServicePort(gathering, service, at);
  }
}

function addBackend(
  gathering: Gathering,
  { ingress, backend }: { readonly ingress: ClusterIngress; readonly backend: IngressBackend },
  services: ReadonlyMap<string, ClusterService>,
): void {
  const object = nameOf(ingress);
  const named = `${ingress.namespace}/${backend.service}`;
  const service = services.get(named);
  const port = `${backend.service}:${backend.port ?? 'no port'}`;
  const at = service?.ports.find((each) => each.port === backend.port || each.name === backend.port);
  if (service === undefined || at === undefined) {
    const reason = service === undefined ? 'service-missing' : 'service-port-missing';
    gathering.deadEnds.push({ kind: 'Ingress', object, port, reason, source: ingress.source });
    return;
  }
  const place = `${backend.host ?? '*'}${backend.path ?? ''}`;
  for (const landing of gathering.landings(service, at)) {
    gathering.add(
      landing.place,
      { protocol: at.protocol, port: landing.port },
      {
        ...PLAIN_DOOR,
        kind: 'ingress',
        object,
        service: named,
        name: at.name,
        port: at.port,
        at: [place],
        onlySomePods: gathering.isPartial(landing),
        source: ingress.source,
      },
    );
  }
}

/**
 * Every way to a port of pods that manifests declare. A Service's target port is resolved pod by pod, as kube-proxy
 * does: a name stands for whatever the pod at hand calls so.
 */
export function findDoors(model: ClusterModel): FoundDoors {
  const gathering = new Gathering(model);
  addContainers(gathering, model);
  const services = new Map(model.services.map((service) => [nameOf(service), service]));
  for (const service of model.services) addService(gathering, service);
  for (const ingress of model.ingresses)
    for (const backend of ingress.backends) addBackend(gathering, { ingress, backend }, services);
  return gathering.found();
}
