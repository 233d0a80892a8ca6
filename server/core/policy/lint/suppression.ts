import { isRecord } from '../fast/json-shape.ts';
import type { NetworkPolicy } from '../network-policy.ts';

/** On a policy: rules that keep quiet about it, e.g. `open-ingress-rule, volatile-label`. */
export const IGNORE_ANNOTATION = 'bulkhead.dev/lint-ignore';

const MOST_IGNORED = 100;

/** Ids of rules that a policy's annotation names, known or not. */
export function ignoredIn({ metadata }: NetworkPolicy): readonly string[] {
  const annotations: unknown = isRecord(metadata) ? metadata['annotations'] : undefined;
  const text = isRecord(annotations) ? annotations[IGNORE_ANNOTATION] : undefined;
  if (typeof text !== 'string') return [];
  const ids = text.split(/[\s,]+/).filter((id) => id !== '');
  return [...new Set(ids)].slice(0, MOST_IGNORED);
}
