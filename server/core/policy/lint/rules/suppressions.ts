import type { LintRule } from '../lint-rule.ts';
import { IGNORE_ANNOTATION, ignoredIn } from '../suppression.ts';

const ID = 'ignore-unknown';

/** An annotation that names a rule which does not exist; `known` are the ids of all other rules. */
export const ignoreUnknown = (known: readonly string[]): LintRule => {
  const ids = new Set([...known, ID]);
  return {
    id: ID,
    severity: 'warning',
    needs: 'policies',
    title: 'annotation that names no rule',
    why: 'The finding it was meant to keep quiet is told all the same, or the annotation has outlived it.',
    check: (world) =>
      world.policies.flatMap((policy) =>
        ignoredIn(policy.policy)
          .filter((id) => !ids.has(id))
          .map((id) => ({
            about: policy,
            field: `metadata.annotations[${JSON.stringify(IGNORE_ANNOTATION)}]`,
            what: `${id} is no rule`,
            fix: 'Take the id from a finding; ids stand in brackets there.',
          })),
      ),
  };
};
