import type { NamespaceName } from '#core/identity/names.ts';
import { sortedBy } from '#core/order.ts';
import type { WorldPod } from '../world.ts';
import type {
  ClusterModel,
  ClusterNamespace,
  ClusterPod,
  ClusterWorkload,
  ObjectSource,
  OtherKind,
  WorkloadName,
} from './cluster-model.ts';
import type { DecodedObject, DecodedPod, DecodedWorkload, PlacedObject } from './decoded-object.ts';
import { rootWorkload, type WorkloadIndex, workloadKey } from './owner-chain.ts';
import { namedPortsOf, templatePods } from './template-pods.ts';

type ObjectOf<Type extends DecodedObject['type']> = Extract<DecodedObject, { type: Type }>;

interface Placed<Type extends DecodedObject['type']> {
  readonly object: ObjectOf<Type>;
  readonly source: ObjectSource;
}

const isOfType = <Type extends DecodedObject['type']>(
  object: DecodedObject,
  type: Type,
): object is ObjectOf<Type> => object.type === type;

const ofType = <Type extends DecodedObject['type']>(
  placed: readonly PlacedObject[],
  type: Type,
): readonly Placed<Type>[] =>
  placed.flatMap(({ object, source }) => (isOfType(object, type) ? [{ object, source }] : []));

const METADATA_NAME = 'kubernetes.io/metadata.name';

/** What a namespace is without a manifest; the API server sees to that label. */
const bareNamespace = (name: NamespaceName): ClusterNamespace => ({
  name,
  labels: [[METADATA_NAME, name]],
  source: undefined,
});

function namespacesOf(placed: readonly PlacedObject[]): readonly ClusterNamespace[] {
  const known = new Map<string, ClusterNamespace>();
  for (const { object } of placed) {
    const name = namespaceOf(object);
    if (name !== undefined) known.set(name, bareNamespace(name));
  }
  for (const { object, source } of ofType(placed, 'namespace')) {
    const own = object.labels.filter(([key]) => key !== METADATA_NAME);
    const labels = sortedBy([...own, [METADATA_NAME, object.name] as const], ([key]) => key);
    known.set(object.name, { name: object.name, labels, source });
  }
  return sortedBy(known.values(), ({ name }) => name);
}

function namespaceOf(object: DecodedObject): NamespaceName | undefined {
  if (object.type === 'service') return object.service.namespace;
  if (object.type === 'ingress') return object.ingress.namespace;
  return object.type === 'namespace' || object.type === 'other' ? undefined : object.namespace;
}

/** A workload while its pods are gathered. */
interface Gathering extends WorkloadName {
  readonly seen: DecodedPod[];
  /** Manifests that make its pods: its own, or those of the ReplicaSets and Jobs below it. */
  readonly makers: Placed<'workload'>[];
}

function gather(placed: readonly PlacedObject[], known: WorkloadIndex): readonly Gathering[] {
  const gathered = new Map<string, Gathering>();
  const at = (workload: WorkloadName): Gathering => {
    const key = workloadKey(workload);
    const { namespace, kind, name } = workload;
    const found = gathered.get(key) ?? { namespace, kind, name, seen: [], makers: [] };
    gathered.set(key, found);
    return found;
  };
  for (const each of ofType(placed, 'workload')) at(rootWorkload(each.object, known)).makers.push(each);
  for (const { object } of ofType(placed, 'pod')) {
    const { namespace, name, owner } = object;
    const self = { namespace, kind: 'Pod', name };
    at(owner === undefined ? self : rootWorkload({ namespace, ...owner }, known)).seen.push(object);
  }
  return sortedBy(gathered.values(), workloadKey);
}

const worldPod = (pod: DecodedPod): WorldPod => ({
  namespace: pod.namespace,
  name: pod.name,
  labels: pod.labels,
  ips: pod.ips,
  namedPorts: namedPortsOf(pod.ports),
  hostNetwork: pod.hostNetwork,
  ...(pod.node === undefined ? {} : { node: pod.node }),
  ...(pod.phase === undefined ? {} : { phase: pod.phase }),
  ...(pod.owner === undefined ? { bare: true } : {}),
});

const hasEnded = ({ phase }: DecodedPod): boolean => phase === 'Succeeded' || phase === 'Failed';

/** The manifest of the workload itself speaks for it; without it, those below that still run pods. */
function makersOf(gathering: Gathering): readonly Placed<'workload'>[] {
  const own = gathering.makers.filter(({ object }) => workloadKey(object) === workloadKey(gathering));
  return own.length > 0 ? own : gathering.makers.filter(({ object }) => object.replicas !== 0);
}

/** Pods as they are, and where none is alive, as the manifests would make them. */
function podsOf(gathering: Gathering): readonly Omit<ClusterPod, 'workload'>[] {
  const seen = sortedBy(gathering.seen, ({ name }) => name);
  const seenPods = seen.map((pod) => ({ pod: worldPod(pod), origin: 'seen' as const }));
  if (seen.some((pod) => !hasEnded(pod))) return seenPods;
  const made = makersOf(gathering).flatMap(({ object }) => templatePods(object));
  return [...seenPods, ...made.map((pod) => ({ pod, origin: 'template' as const }))];
}

function workloadOf(gathering: Gathering): ClusterWorkload {
  const { namespace, kind, name } = gathering;
  const own = gathering.makers.find(({ object }) => workloadKey(object) === workloadKey(gathering));
  const [maker] = makersOf(gathering);
  const ports = maker?.object.template.ports ?? gathering.seen[0]?.ports ?? [];
  const known = own?.object.selectorKeys ?? [];
  const selectorKeys = known.length > 0 ? { selectorKeys: known } : {};
  return {
    namespace,
    kind,
    name,
    replicas: own?.object.replicas,
    ports,
    ...selectorKeys,
    source: own?.source,
  };
}

function otherKindsOf(placed: readonly PlacedObject[]): readonly OtherKind[] {
  const counted = new Map<string, OtherKind>();
  for (const { object } of ofType(placed, 'other')) {
    const { apiVersion, kind } = object;
    const key = `${kind} ${apiVersion}`;
    counted.set(key, { apiVersion, kind, count: (counted.get(key)?.count ?? 0) + 1 });
  }
  return sortedBy(counted.values(), ({ kind, apiVersion }) => `${kind} ${apiVersion}`);
}

/** Builds the model of one cluster. The same objects in any order give the same model, save for their sources. */
export function buildModel(placed: readonly PlacedObject[]): ClusterModel {
  const manifests = ofType(placed, 'workload').map(({ object }) => [workloadKey(object), object] as const);
  const known: WorkloadIndex = new Map<string, DecodedWorkload>(manifests);
  const gathered = gather(placed, known);
  const byName = (each: { readonly namespace: string; readonly name: string }): string =>
    `${each.namespace}/${each.name}`;
  return {
    namespaces: namespacesOf(placed),
    workloads: gathered.map(workloadOf),
    pods: gathered.flatMap((gathering, workload) => podsOf(gathering).map((pod) => ({ ...pod, workload }))),
    services: sortedBy(
      ofType(placed, 'service').map(({ object, source }) => ({ ...object.service, source })),
      byName,
    ),
    ingresses: sortedBy(
      ofType(placed, 'ingress').map(({ object, source }) => ({ ...object.ingress, source })),
      byName,
    ),
    policies: sortedBy(ofType(placed, 'policy'), ({ object }) => byName(object)).map(
      ({ object, source }) => ({
        policy: object.policy,
        source,
      }),
    ),
    otherKinds: otherKindsOf(placed),
  };
}
