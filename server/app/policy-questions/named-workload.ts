import { type ClusterModel, describeWorkload } from '#core/policy/cluster/cluster-model.ts';
import { failed, ok, type Result } from '#core/result.ts';

const MOST_SIMILAR = 3;

const WORKLOAD = /^([^/=]+)\/([^/[\]=]+)(?:\[([A-Za-z]+)\])?$/;

/** Why no single workload is meant by a text. `similar` are names that exist. */
export type NamedWorkloadFailure =
  | { readonly code: 'no_workload_name'; readonly text: string }
  | { readonly code: 'nobody_there'; readonly text: string; readonly similar: readonly string[] }
  | { readonly code: 'several_kinds'; readonly text: string; readonly similar: readonly string[] }
  | { readonly code: 'label_unknown'; readonly text: string };

/** Names that hold the one asked for, or are held by it. */
function similarTo(name: string, { workloads }: ClusterModel): readonly string[] {
  const near = workloads.filter((each) => each.name.includes(name) || name.includes(each.name));
  return near.map(describeWorkload).slice(0, MOST_SIMILAR);
}

/** Index of the workload that somebody names as `shop/cart` or `shop/cart[Deployment]`. */
export function workloadNamed(text: string, model: ClusterModel): Result<number, NamedWorkloadFailure> {
  const [, namespace = '', name = '', kind] = WORKLOAD.exec(text) ?? [];
  if (name === '') return failed({ code: 'no_workload_name', text });
  const found = [...model.workloads.entries()].filter(
    ([, each]) =>
      each.namespace === namespace && each.name === name && (kind === undefined || each.kind === kind),
  );
  const [only] = found;
  if (only === undefined) return failed({ code: 'nobody_there', text, similar: similarTo(name, model) });
  if (found.length === 1) return ok(only[0]);
  return failed({
    code: 'several_kinds',
    text,
    similar: found.map(([, each]) => describeWorkload(each)),
  });
}

function labelled(text: string, { pods }: ClusterModel): Result<readonly number[], NamedWorkloadFailure> {
  const [key = '', ...rest] = text.split('=');
  const value = rest.join('=');
  const carriers = pods.filter(({ pod }) =>
    pod.labels.some(([own, carried]) => own === key && carried === value),
  );
  if (carriers.length === 0) return failed({ code: 'label_unknown', text });
  return ok(carriers.map(({ workload }) => workload));
}

/** Indexes of the workloads named one by one, or by `label=value` of their pods; sorted. The first failure ends it. */
export function jewelsNamed(
  texts: readonly string[],
  model: ClusterModel,
): Result<readonly number[], NamedWorkloadFailure> {
  const all = new Set<number>();
  for (const text of texts) {
    const found = text.includes('=') ? labelled(text, model) : workloadNamed(text, model);
    if (!found.ok) return found;
    for (const index of [found.value].flat()) all.add(index);
  }
  return ok([...all].sort((a, b) => a - b));
}
