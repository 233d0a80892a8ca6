import { parseWorkloadId } from '#core/identity/peer.ts';
import type { SeenPod, SeenWorld } from '#core/identity/seen-pod.ts';
import { sortedBy } from '#core/order.ts';
import type { PodOwner } from '../certificate.ts';
import type { CniProfile, Labels, World, WorldNamespace, WorldPod } from '../world.ts';

/** Everybody seen, as the judge needs it: one pod for all that no policy could tell apart. */
export interface CertifiedWorld {
  readonly namespaces: World['namespaces'];
  readonly pods: World['pods'];
  readonly owners: readonly PodOwner[];
}

const labelsOf = (labels: ReadonlyMap<string, string>): Labels => sortedBy(labels, ([key]) => key);

/** Addresses of pods matter only where an ipBlock is held against them. */
const addressesOf = (pod: SeenPod, profile: CniProfile): readonly string[] =>
  profile.ipBlockMatchesPods ? pod.ips : [];

/** A pod that no controller made, where policies do not reach those. */
const isUngoverned = ({ workload }: SeenPod, { governsBarePods }: CniProfile): boolean =>
  !governsBarePods && parseWorkloadId(workload).kind === 'Pod';

function freeName(pod: SeenPod, taken: ReadonlySet<string>): string {
  if (!taken.has(`${pod.namespace}/${pod.name}`)) return pod.name;
  for (let count = 2; ; count += 1) {
    const name = `${pod.name}-${count}`;
    if (!taken.has(`${pod.namespace}/${name}`)) return name;
  }
}

/**
 * The world a proposal is judged in. A pod whose labels changed stands there once for each set; since names must be
 * unique, the second gets `-2`. The label that the API server gives every namespace is always there.
 */
export function certifiedWorldOf(seen: SeenWorld, profile: CniProfile): CertifiedWorld {
  const known = new Set<string>();
  const names = new Set<string>();
  const pods: WorldPod[] = [];
  const owners: PodOwner[] = [];
  const order = (pod: SeenPod): string => `${pod.namespace} ${pod.workload} ${pod.name}`;
  for (const pod of sortedBy(seen.pods, order)) {
    const [labels, ips] = [labelsOf(pod.labels), addressesOf(pod, profile)];
    const identity = JSON.stringify([pod.namespace, pod.workload, labels, ips]);
    if (known.has(identity)) continue;
    known.add(identity);
    const name = freeName(pod, names);
    names.add(`${pod.namespace}/${name}`);
    const bare = isUngoverned(pod, profile) ? { bare: true } : {};
    pods.push({ namespace: pod.namespace, name, labels, ips, namedPorts: [], hostNetwork: false, ...bare });
    owners.push({ pod: `${pod.namespace}/${name}`, workload: pod.workload });
  }
  return { namespaces: namespacesOf(seen), pods, owners };
}

function namespacesOf(seen: SeenWorld): readonly WorldNamespace[] {
  const labels = new Map<string, ReadonlyMap<string, string>>();
  for (const { namespace } of seen.pods) labels.set(namespace, new Map());
  for (const each of seen.namespaces) labels.set(each.name, each.labels);
  return sortedBy(labels, ([name]) => name).map(([name, own]) => ({
    name,
    labels: labelsOf(new Map([...own, ['kubernetes.io/metadata.name', name]])),
  }));
}
