import {
  describeManifestProblem,
  type ManifestProblem,
  parseFieldText,
} from '../../cluster/manifest-problem.ts';
import { isOtherPolicy } from '../../cluster/other-policy.ts';
import { FAULTS, type PolicyProblem } from '../../literal/fault.ts';
import { policyProblems } from '../../literal/problems.ts';
import { refusalOf } from '../api-words.ts';
import type { Draft, LintRule } from '../lint-rule.ts';
import type { LintWorld } from '../lint-world.ts';
import type { ReadPolicy } from '../read-policy.ts';

/** Most faults of one policy that are told one by one. */
const MOST_FAULTS = 50;

function problemsOf(world: LintWorld, policy: ReadPolicy): readonly PolicyProblem[] {
  const found = policyProblems(policy.policy);
  if (found.length > MOST_FAULTS)
    world.notes.add(`only the first ${MOST_FAULTS} faults of a policy are told`);
  return found.slice(0, MOST_FAULTS);
}

/** The piece a path leads to; undefined where it leads nowhere. */
function pieceAt(policy: ReadPolicy, path: string): unknown {
  let here: unknown = policy.policy;
  for (const step of parseFieldText(path)) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined;
    here = (here as Readonly<Record<string | number, unknown>>)[step];
  }
  return here;
}

const isSameObject = ({ source }: ReadPolicy, problem: ManifestProblem): boolean =>
  source.file === problem.file &&
  source.document === problem.document &&
  (source.item === '' ? !problem.field.startsWith('items[') : problem.field.startsWith(`${source.item}.`));

/** Faults of the name and namespace, which reading a manifest finds and the judge does not look at. */
function nameProblems(world: LintWorld, policy: ReadPolicy): readonly Draft[] {
  const { item } = policy.source;
  return world.problems
    .filter((problem) => problem.fault === 'name_invalid' && isSameObject(policy, problem))
    .map(({ field }) => ({
      about: policy,
      field: item === '' ? field : field.slice(item.length + 1),
      what: "the API server: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
      fix: 'Choose such a name.',
    }));
}

/** What `kubectl apply` would not get past the API server. */
export const apiRefused: LintRule = {
  id: 'api-refused',
  severity: 'error',
  needs: 'policies',
  title: 'the API server refuses it',
  why: 'The policy can not be applied: its pods stay under the policies that are there, or under none.',
  check: (world) =>
    world.policies.flatMap((policy) => [
      ...nameProblems(world, policy),
      ...problemsOf(world, policy).flatMap(({ path, fault }): readonly Draft[] => {
        const refusal = refusalOf(fault, pieceAt(policy, path));
        if (refusal === undefined) return [];
        return [
          {
            about: policy,
            field: refusal.field === '' ? path : `${path}.${refusal.field}`,
            what: `the API server: ${refusal.words}`,
            fix: 'Correct the value; `kubectl apply --dry-run=server` says the same.',
          },
        ];
      }),
    ]),
};

/** Fields that vanish. */
export const unknownField: LintRule = {
  id: 'unknown-field',
  severity: 'error',
  needs: 'policies',
  title: 'field that a NetworkPolicy does not have',
  why: 'kubectl refuses it; whatever applies without strict checking drops the field, and the policy means something else than it says.',
  check: (world) =>
    world.policies.flatMap((policy) =>
      problemsOf(world, policy)
        .filter(({ fault }) => fault === 'field_unknown')
        .map(({ path }) => ({
          about: policy,
          field: path,
          what: `the API server: strict decoding error: unknown field ${JSON.stringify(path)}`,
          fix: 'Check the spelling and the indentation: peers belong under from or to, ports beside them.',
        })),
    ),
};

/** A selector that is not there. */
export const podSelectorMissing: LintRule = {
  id: 'pod-selector-missing',
  severity: 'warning',
  needs: 'policies',
  title: 'policy without podSelector',
  why: 'Servers that take it read it as every pod of the namespace; others refuse it.',
  check: (world) =>
    world.policies.flatMap((policy) =>
      problemsOf(world, policy)
        .filter(({ fault }) => fault === 'pod_selector_missing')
        .map(({ path }) => ({
          about: policy,
          field: path,
          what: `spec.podSelector ${FAULTS.pod_selector_missing}`,
          fix: 'Write podSelector: {} if every pod is meant.',
        })),
    ),
};

/** YAML and JSON that is no Kubernetes object lies beside manifests all the time. */
const isAnythingElse = ({ fault, field }: ManifestProblem): boolean =>
  fault === 'kind_missing' || fault === 'api_version_missing' || (fault === 'not_an_object' && field === '');

/** Something that stands in the files and could not be taken into account. */
export const manifestUnreadable: LintRule = {
  id: 'manifest-unreadable',
  severity: 'error',
  needs: 'policies',
  title: 'manifest that could not be read',
  why: 'What is in it was not looked at: other findings may be wrong for it, or missing.',
  check: (world) =>
    world.problems
      .filter(({ leftOut, fault }) => leftOut !== 'nothing' && fault !== 'declared_twice')
      .map((problem) => {
        const { file, document, line, field } = problem;
        const isNoManifest = isAnythingElse(problem);
        const isMild = isNoManifest || problem.leftOut === 'field';
        return {
          about: { name: file, source: { file, document, line, item: '' } },
          field,
          severity: isMild ? 'info' : 'error',
          what: describeManifestProblem({ ...problem, line: undefined, document: undefined }).slice(
            file.length + 2,
          ),
          fix: isNoManifest
            ? 'Nothing to do if it is no Kubernetes object.'
            : 'Correct it, or lint a folder without it.',
        };
      }),
};

/** One name, two policies. */
export const duplicateName: LintRule = {
  id: 'duplicate-name',
  severity: 'error',
  needs: 'policies',
  title: 'two different policies of one name',
  why: 'A namespace and a name are one object: the policy that is applied last replaces the other, silently.',
  check: (world) => {
    const doubled = world.problems.filter(({ fault }) => fault === 'declared_twice');
    return world.policies.flatMap((policy) => {
      const { file, document, item } = policy.source;
      return doubled
        .filter((each) => each.file === file && each.document === document && each.field === item)
        .map(({ detail }) => ({
          about: policy,
          field: 'metadata.name',
          what: `declared before, differently (${detail ?? 'in another file'}); only this one was looked at, as with kubectl apply`,
          fix: 'Rename one of them, or merge them: policies of one pod add up.',
        }));
    });
  },
};

/** Policies of other kinds. */
export const otherPolicyKinds: LintRule = {
  id: 'other-policy-kinds',
  severity: 'info',
  needs: 'policies',
  title: 'policies of other kinds that were not looked at',
  why: 'They decide on the same connections: what is open here may be closed there, and the other way round.',
  check: (world) =>
    world.model.otherKinds
      .filter(({ kind }) => isOtherPolicy(kind))
      .map(({ kind, apiVersion, count }) => ({
        about: { name: `${kind} (${apiVersion})`, source: undefined },
        field: '',
        what: `${count} × ${kind} (${apiVersion}) not looked at`,
        fix: 'Read findings of open pods and namespaces together with them.',
      })),
};
