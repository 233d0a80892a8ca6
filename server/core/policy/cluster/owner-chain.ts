import { rootOwner } from '#core/identity/owner.ts';
import type { WorkloadName } from './cluster-model.ts';
import type { DecodedWorkload, OwnerName } from './decoded-object.ts';

/** Controllers that another one makes: whoever made them is the workload that people know. */
const MADE_BY_OTHERS: ReadonlySet<string> = new Set(['ReplicaSet', 'Job', 'ReplicationController']);

/** No chain of Kubernetes is longer; one that goes in circles ends here. */
const LONGEST_CHAIN = 4;

/** The key of a workload in {@link WorkloadIndex}. */
export const workloadKey = ({ namespace, kind, name }: WorkloadName): string =>
  `${namespace}/${kind}/${name}`;

/** The controllers whose manifests were read. */
export type WorkloadIndex = ReadonlyMap<string, DecodedWorkload>;

/**
 * Climbs from a controller to the one that people know: by the owner its manifest names, else, for a ReplicaSet or Job
 * whose manifest is not there, by its generated name, if the Deployment or CronJob that the name suggests is.
 */
export function rootWorkload(start: WorkloadName, known: WorkloadIndex): WorkloadName {
  let here = start;
  for (let steps = 0; steps < LONGEST_CHAIN && MADE_BY_OTHERS.has(here.kind); steps += 1) {
    const { namespace } = here;
    const manifest = known.get(workloadKey(here));
    const above: OwnerName | undefined = manifest === undefined ? suggested(here, known) : manifest.owner;
    if (above === undefined) break;
    here = { namespace, kind: above.kind, name: above.name };
  }
  return here;
}

function suggested({ namespace, kind, name }: WorkloadName, known: WorkloadIndex): OwnerName | undefined {
  const root = rootOwner(kind, name);
  if (root.kind === kind) return undefined;
  return known.has(workloadKey({ namespace, kind: root.kind, name: root.name })) ? root : undefined;
}
