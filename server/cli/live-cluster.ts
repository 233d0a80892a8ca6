import { policyId } from '#core/policy/certify/content-hash.ts';
import type { ClusterModel, PlacedPolicy } from '#core/policy/cluster/cluster-model.ts';
import { mergedModels } from '#core/policy/cluster/model-of-flows.ts';
import { storedForm } from '#core/policy/dry-run/stored-form.ts';
import type { ClusterAccess } from '../../collector/main.ts';
import { accessCluster } from './cluster-access.ts';
import type { ClusterFolder } from './connections.ts';
import { createProgress } from './progress.ts';
import { plural, printable, type Terminal, UsageError } from './terminal.ts';

/** Reads a cluster as it is now, and says what may not be read. Throws {@link UsageError} when it can not be asked. */
export async function readLiveModel(
  { terminal }: { readonly terminal: Terminal },
  access: ClusterAccess,
  namespaces: readonly string[],
): Promise<{ readonly model: ClusterModel; readonly problems: readonly string[] }> {
  const progress = createProgress(terminal);
  const snapshot = await access.snapshot({
    namespaces,
    onProgress: (objects) => progress.steps({ done: objects, total: objects }, 'objects read'),
  });
  progress.end();
  if (!snapshot.ok) throw new UsageError(snapshot.error);
  for (const problem of snapshot.value.problems) terminal.err(`bulkhead: ${printable(problem)}\n`);
  return snapshot.value;
}

const stored = (placed: PlacedPolicy): PlacedPolicy => ({ ...placed, policy: storedForm(placed.policy) });

/** A cluster before and after the policies of a folder are applied to it. */
export interface Applied {
  readonly before: ClusterModel;
  readonly after: ClusterModel;
  /** Policies of the cluster in the folder's namespaces that the folder does not have, as `namespace/name`. */
  readonly left: readonly string[];
}

/**
 * What `kubectl apply` would make of it: policies of the same name are replaced, new ones are added, and the others stay.
 * Policies are compared as the API server stores them.
 */
export function appliedTo(cluster: ClusterModel, folder: ClusterModel): Applied {
  const [current, wanted] = [cluster.policies.map(stored), folder.policies.map(stored)];
  const ids = new Set(wanted.map(({ policy }) => policyId(policy)));
  const spaces = new Set(wanted.map(({ policy }) => policy.metadata.namespace));
  const kept = current.filter(({ policy }) => !ids.has(policyId(policy)));
  const left = kept.filter(({ policy }) => spaces.has(policy.metadata.namespace));
  return {
    before: { ...cluster, policies: current },
    after: { ...cluster, policies: [...kept, ...wanted] },
    left: left.map(({ policy }) => policyId(policy)),
  };
}

/** Names shown of policies that stay. */
const SHOWN = 10;

/** Says which policies of the cluster stay although the folder does not have them. */
export function tellLeft({ err }: Terminal, left: readonly string[]): void {
  if (left.length === 0) return;
  const more = left.length > SHOWN ? `, and ${left.length - SHOWN} more` : '';
  const names = `${left.slice(0, SHOWN).join(', ')}${more}`;
  const what = plural(left.length, 'policy').replace('policys', 'policies');
  err(`bulkhead: ${what} of the cluster not in the folder, and taken to stay: ${printable(names)}\n`);
}

/** `cluster:`, or `cluster:` and a context of the kubeconfig. */
const PLACE = /^cluster:(.*)$/;

/**
 * Reads places that hold a cluster: folders and files of manifests, and clusters themselves by the name `cluster:` (the
 * one `kubectl` would ask) or `cluster:prod` (a context). What is named first speaks for what several have.
 */
export async function readPlaces(
  tools: { readonly terminal: Terminal; readonly version: string },
  paths: readonly string[],
  readFolders: (paths: readonly string[]) => Promise<ClusterFolder>,
): Promise<ClusterFolder> {
  const contexts = paths.flatMap((path) => PLACE.exec(path)?.[1] ?? []);
  if (contexts.length === 0) return readFolders(paths);
  const folders = paths.filter((path) => !PLACE.test(path));
  const read = folders.length === 0 ? undefined : await readFolders(folders);
  let model = read?.model;
  for (const name of contexts) {
    const access = await accessCluster(tools, name === '' ? {} : { context: name });
    const live = await readLiveModel(tools, access, []);
    model = model === undefined ? live.model : mergedModels(model, live.model);
  }
  if (model === undefined) return readFolders(paths);
  return { model, problems: read?.problems ?? [], files: (read?.files ?? 0) + contexts.length };
}
