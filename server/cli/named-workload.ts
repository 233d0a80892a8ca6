import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import type { Result } from '#core/result.ts';
import { unreachable } from '#core/result.ts';
import {
  jewelsNamed,
  type NamedWorkloadFailure,
  workloadNamed,
} from '../app/policy-questions/named-workload.ts';
import { UsageError } from './terminal.ts';

function sentenceOf(failure: NamedWorkloadFailure): string {
  const { code, text } = failure;
  switch (code) {
    case 'no_workload_name':
      return `${text} is no workload: write it like shop/cart.`;
    case 'several_kinds':
      return `${text} is the name of several workloads; say which: ${failure.similar.join(' or ')}.`;
    case 'nobody_there': {
      const hint = failure.similar.length === 0 ? '' : ` Did you mean ${failure.similar.join(' or ')}?`;
      return `no workload called ${text} is known.${hint}`;
    }
    case 'label_unknown':
      return `no pod carries the label ${text}, so there is no such crown jewel.`;
    default:
      return unreachable(code);
  }
}

function orRefused<T>(found: Result<T, NamedWorkloadFailure>): T {
  if (found.ok) return found.value;
  throw new UsageError(sentenceOf(found.error));
}

/** Index of the workload that a user names as `shop/cart` or `shop/cart[Deployment]`; throws {@link UsageError}. */
export const oneWorkload = (text: string, model: ClusterModel): number =>
  orRefused(workloadNamed(text, model));

/** Indexes of the workloads named one by one, or by `label=value` of their pods; sorted. Throws {@link UsageError}. */
export const jewelsOf = (texts: readonly string[], model: ClusterModel): readonly number[] =>
  orRefused(jewelsNamed(texts, model));
