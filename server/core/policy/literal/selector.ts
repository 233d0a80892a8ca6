import type { LabelSelector, LabelSelectorRequirement } from '../network-policy.ts';
import type { Labels } from '../world.ts';
import { both, type Fault, isAbsent, isObject, type Outcome } from './fault.ts';

const QUALIFIED_PART = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const DNS_PREFIX = /^(?=.{1,253}\/)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\//;

/** True for what Kubernetes accepts as a label key: an optional DNS prefix with a slash, then a name. */
export function isLabelKey(key: unknown): boolean {
  if (typeof key !== 'string') return false;
  return QUALIFIED_PART.test(key.includes('/') ? key.replace(DNS_PREFIX, '') : key);
}

/** True for what Kubernetes accepts as a label value; empty is one. */
export const isLabelValue = (value: unknown): boolean =>
  typeof value === 'string' && (value === '' || QUALIFIED_PART.test(value));

/**
 * Whether a set of labels meets a label selector. No requirement at all: yes. `NotIn` and `DoesNotExist` match when
 * the key is absent; `matchLabels {k: ""}` needs the key, with an empty value.
 */
export function selectorMatches(selector: LabelSelector, labels: Labels): Outcome {
  if (!isObject(selector)) return 'not_an_object';
  return both(
    matchLabelsMatch(selector.matchLabels, labels),
    expressionsMatch(selector.matchExpressions, labels),
  );
}

function matchLabelsMatch(wanted: LabelSelector['matchLabels'], labels: Labels): Outcome {
  if (isAbsent(wanted)) return 'yes';
  if (!isObject(wanted)) return 'not_an_object';
  let outcome: Outcome = 'yes';
  for (const key in wanted) {
    if (Object.hasOwn(wanted, key)) outcome = both(outcome, labelMatches(key, wanted[key], labels));
  }
  return outcome;
}

function labelMatches(key: string, wanted: unknown, labels: Labels): Outcome {
  if (typeof wanted !== 'string') return 'label_value_invalid';
  return labelValue(labels, key) === wanted ? 'yes' : 'no';
}

function expressionsMatch(wanted: LabelSelector['matchExpressions'], labels: Labels): Outcome {
  if (isAbsent(wanted)) return 'yes';
  if (!Array.isArray(wanted)) return 'not_a_list';
  let outcome: Outcome = 'yes';
  for (const requirement of wanted) outcome = both(outcome, requirementMatches(requirement, labels));
  return outcome;
}

function requirementMatches(requirement: LabelSelectorRequirement, labels: Labels): Outcome {
  const fault = requirementFault(requirement);
  if (fault !== undefined) return fault;
  const value = labelValue(labels, requirement.key);
  const isListed = value !== undefined && (requirement.values ?? []).includes(value);
  switch (requirement.operator) {
    case 'In':
      return isListed ? 'yes' : 'no';
    case 'NotIn':
      return isListed ? 'no' : 'yes';
    case 'Exists':
      return value === undefined ? 'no' : 'yes';
    default:
      return value === undefined ? 'yes' : 'no';
  }
}

/** What is wrong with one matchExpressions entry, or undefined. */
export function requirementFault(requirement: LabelSelectorRequirement): Fault | undefined {
  if (!isObject(requirement)) return 'not_an_object';
  if (!isLabelKey(requirement.key)) return 'label_key_invalid';
  const values: readonly unknown[] = requirement.values ?? [];
  if (!Array.isArray(values)) return 'not_a_list';
  switch (requirement.operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) return 'values_missing';
      return values.every(isLabelValue) ? undefined : 'label_value_invalid';
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0 ? undefined : 'values_not_allowed';
    default:
      return 'operator_unknown';
  }
}

/** The value of a label; undefined when the key is absent, which an empty value is not. */
function labelValue(labels: Labels, key: string): string | undefined {
  for (const [name, value] of labels) {
    if (name === key) return value;
  }
  return undefined;
}
