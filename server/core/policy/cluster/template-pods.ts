import { compareText } from '#core/order.ts';
import type { Labels, NamedPort, WorldPod } from '../world.ts';
import type { ContainerPort } from './cluster-model.ts';
import type { DecodedWorkload } from './decoded-object.ts';

/** Enough to tell what a pod may do to its twin. */
const TWINS = 2;
/** Each pod of a StatefulSet has a label of its own that policies may ask for; beyond this many they are not told apart. */
const MOST_ORDINALS = 100;

/** The ports of a pod that have a name. */
export const namedPortsOf = (ports: readonly ContainerPort[]): readonly NamedPort[] =>
  ports.flatMap(({ name, protocol, port }) => (name === undefined ? [] : [{ name, protocol, port }]));

function withLabels(labels: Labels, added: Labels): Labels {
  const keys = new Set(added.map(([key]) => key));
  const kept = labels.filter(([key]) => !keys.has(key));
  return [...kept, ...added].sort(([a], [b]) => compareText(a, b));
}

/** Labels that the controller adds and whose values its manifest fixes; hashes and ids it makes up are not among them. */
function addedLabels({ kind, name, firstOrdinal }: DecodedWorkload, index: number): Labels {
  if (kind === 'StatefulSet') {
    const ordinal = firstOrdinal + index;
    return [
      ['apps.kubernetes.io/pod-index', String(ordinal)],
      ['statefulset.kubernetes.io/pod-name', `${name}-${ordinal}`],
    ];
  }
  if (kind !== 'Job') return [];
  return [
    ['batch.kubernetes.io/job-name', name],
    ['job-name', name],
  ];
}

/** A StatefulSet never runs more than it says; others may run one more for the length of a rollout. */
function countOf({ kind, replicas }: DecodedWorkload): number {
  return kind === 'StatefulSet' ? Math.min(MOST_ORDINALS, Math.max(1, replicas ?? 1)) : TWINS;
}

/** A name no real pod has, unless the controller's rule fixes it. */
const nameOf = ({ kind, name, firstOrdinal }: DecodedWorkload, index: number): string =>
  kind === 'StatefulSet' ? `${name}-${firstOrdinal + index}` : `${name}[${kind}]#${index + 1}`;

/** The pods a controller would make, their addresses unknown. One scaled to zero is taken to be scaled up again. */
export function templatePods(workload: DecodedWorkload): readonly WorldPod[] {
  const { namespace, template } = workload;
  return Array.from({ length: countOf(workload) }, (_, index) => ({
    namespace,
    name: nameOf(workload, index),
    labels: withLabels(template.labels, addedLabels(workload, index)),
    ips: [],
    namedPorts: namedPortsOf(template.ports),
    hostNetwork: template.hostNetwork,
  }));
}
