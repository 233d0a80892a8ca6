import { type ClusterModel, describeWorkload } from '#core/policy/cluster/cluster-model.ts';
import { UsageError } from './terminal.ts';

const MOST_SIMILAR = 3;

const WORKLOAD = /^([^/=]+)\/([^/[\]=]+)(?:\[([A-Za-z]+)\])?$/;

/** Names that hold the one asked for, or are held by it. */
function similarTo(name: string, { workloads }: ClusterModel): readonly string[] {
  const near = workloads.filter((each) => each.name.includes(name) || name.includes(each.name));
  return near.map(describeWorkload).slice(0, MOST_SIMILAR);
}

/** Index of the workload that a user names as `shop/cart` or `shop/cart[Deployment]`; throws {@link UsageError}. */
export function oneWorkload(text: string, model: ClusterModel): number {
  const [, namespace = '', name = '', kind] = WORKLOAD.exec(text) ?? [];
  if (name === '') throw new UsageError(`${text} is no workload: write it like shop/cart.`);
  const found = [...model.workloads.entries()].filter(
    ([, each]) =>
      each.namespace === namespace && each.name === name && (kind === undefined || each.kind === kind),
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only[0];
  if (only !== undefined) {
    const texts = found.map(([, each]) => describeWorkload(each));
    throw new UsageError(`${text} is the name of several workloads; say which: ${texts.join(' or ')}.`);
  }
  const similar = similarTo(name, model);
  const hint = similar.length === 0 ? '' : ` Did you mean ${similar.join(' or ')}?`;
  throw new UsageError(`no workload called ${text} is known.${hint}`);
}

function labelled(text: string, { pods }: ClusterModel): readonly number[] {
  const [key = '', ...rest] = text.split('=');
  const value = rest.join('=');
  const carriers = pods.filter(({ pod }) =>
    pod.labels.some(([own, carried]) => own === key && carried === value),
  );
  if (carriers.length > 0) return carriers.map(({ workload }) => workload);
  throw new UsageError(`no pod carries the label ${text}, so there is no such crown jewel.`);
}

/** Indexes of the workloads named one by one, or by `label=value` of their pods; sorted. */
export function jewelsOf(texts: readonly string[], model: ClusterModel): readonly number[] {
  const found = texts.flatMap((text) =>
    text.includes('=') ? labelled(text, model) : [oneWorkload(text, model)],
  );
  return [...new Set(found)].sort((a, b) => a - b);
}
