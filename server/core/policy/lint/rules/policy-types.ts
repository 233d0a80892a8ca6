import { type Bits, differenceOf, isNobody, unionOf } from '../../fast/bits.ts';
import { DIRECTIONS, type Direction } from '../../fast/compile-policy.ts';
import { isMissing, listOf } from '../../fast/json-shape.ts';
import type { Draft, LintRule } from '../lint-rule.ts';
import { type LintWorld, someOf } from '../lint-world.ts';
import { type ReadPolicy, specOf } from '../read-policy.ts';

const TYPE: Readonly<Record<Direction, string>> = { ingress: 'Ingress', egress: 'Egress' };

const typesOf = ({ policy }: ReadPolicy): readonly unknown[] => listOf(specOf(policy)['policyTypes']) ?? [];

const sectionOf = ({ policy }: ReadPolicy, direction: Direction): readonly unknown[] | undefined =>
  listOf(specOf(policy)[direction]);

/** Rules of a direction the policy is not about. */
export const sectionIgnored: LintRule = {
  id: 'section-ignored',
  severity: 'error',
  needs: 'policies',
  title: 'rules of a direction that policyTypes leaves out',
  why: 'A policy is about the directions in policyTypes alone; rules of another are ignored, and that direction stays open.',
  check: (world) =>
    world.policies.flatMap((policy) =>
      DIRECTIONS.flatMap((direction): readonly Draft[] => {
        const count = sectionOf(policy, direction)?.length ?? 0;
        if (count === 0 || typesOf(policy).length === 0 || policy.isolates[direction]) return [];
        return [
          {
            about: policy,
            field: `spec.${direction}`,
            what: `${count === 1 ? 'its rule is' : `its ${count} rules are`} ignored: policyTypes is [${typesOf(policy).map(String).join(', ')}]`,
            fix: `Add ${TYPE[direction]} to spec.policyTypes, or delete spec.${direction}.`,
          },
        ];
      }),
    ),
};

/** What follows from leaving `policyTypes` out; undefined when it is what anybody would expect. */
function surprise(policy: ReadPolicy): Pick<Draft, 'severity' | 'what' | 'fix'> | undefined {
  const spec = specOf(policy.policy);
  const [ingress, egress] = [sectionOf(policy, 'ingress'), sectionOf(policy, 'egress')];
  if (!isMissing(spec['policyTypes']) && typesOf(policy).length > 0) return undefined;
  if (egress?.length === 0) {
    return {
      severity: 'warning',
      what: 'an empty egress without policyTypes limits nothing: its pods may connect to anything',
      fix: 'Write policyTypes: [Ingress, Egress], or [Egress] if ingress is not to be limited.',
    };
  }
  if ((egress?.length ?? 0) > 0 && ingress === undefined) {
    return {
      severity: 'warning',
      what: 'it has egress rules alone, and without policyTypes it denies all ingress as well',
      fix: 'Write policyTypes: [Egress] if ingress is not to be limited, else [Ingress, Egress].',
    };
  }
  return {
    severity: 'info',
    what: `policyTypes is not written; it means ${(egress?.length ?? 0) > 0 ? '[Ingress, Egress]' : '[Ingress]'}`,
    fix: 'Write policyTypes, so that a section that comes or goes does not change what the policy is about.',
  };
}

/** `policyTypes` left to be guessed. */
export const policyTypesImplied: LintRule = {
  id: 'policy-types-implied',
  severity: 'warning',
  needs: 'policies',
  title: 'policyTypes left out',
  why: 'Without policyTypes a policy is always about ingress, and about egress only if it has an egress rule.',
  check: (world) =>
    world.policies.flatMap((policy): readonly Draft[] => {
      const found = surprise(policy);
      return found === undefined ? [] : [{ about: policy, field: 'spec', ...found }];
    }),
};

/** Pods that some policy isolates in a direction. */
export function isolatedIn(world: LintWorld, namespace: string, direction: Direction): Bits {
  const policies = world.policiesIn(namespace).filter(({ isolates }) => isolates[direction]);
  return unionOf(policies.map((policy) => world.subjectsOf(policy)));
}

function leftOpen(world: LintWorld, namespace: string): readonly Draft[] {
  const isolated = {
    ingress: isolatedIn(world, namespace, 'ingress'),
    egress: isolatedIn(world, namespace, 'egress'),
  };
  return world.policiesIn(namespace).flatMap((policy) =>
    DIRECTIONS.flatMap((direction): readonly Draft[] => {
      const subjects = world.subjectsOf(policy);
      if (policy.isolates[direction] || isNobody(subjects)) return [];
      const open = differenceOf(subjects, isolated[direction]);
      if (isNobody(open)) return [];
      const whom = world.describeGroups(world.groupsOf(open));
      const can = direction === 'ingress' ? 'may be reached by anybody' : 'may connect to anything';
      return [
        {
          about: policy,
          field: 'spec.policyTypes',
          what: `${direction} is open: no policy limits it for ${whom}, which ${can}`,
          fix: `Add ${TYPE[direction]} with its rules, or a default deny of that direction for the namespace.`,
        },
      ];
    }),
  );
}

/** A direction that no policy closes for pods that a policy is about. */
export const directionOpen: LintRule = {
  id: 'direction-open',
  severity: 'info',
  needs: 'workloads',
  title: 'pods limited in one direction only',
  why: 'Each direction is closed on its own: a pod whose ingress is limited may still connect to anything, and the other way round.',
  check: (world) => {
    const namespaces = new Set(world.policies.map(({ namespace }) => namespace));
    return [...namespaces].flatMap((namespace) => leftOpen(world, namespace));
  },
};

/** Empty lists that do not come back from the API server. */
export const emptyListDropped: LintRule = {
  id: 'empty-list-dropped',
  severity: 'info',
  needs: 'policies',
  title: 'empty list that the API server drops',
  why: 'ingress: [] and from: [] are stored as if they were not written; tools that compare with Git then see a difference for ever.',
  check: (world) =>
    world.policies.flatMap((policy) => {
      const empty = DIRECTIONS.filter((direction) => sectionOf(policy, direction)?.length === 0);
      if (empty.length === 0) return [];
      return [
        {
          about: policy,
          field: `spec.${empty[0]}`,
          what: `${someOf(empty.map((each) => `${each}: []`))} means the same as leaving it out, and is not stored`,
          fix: 'Leave the empty list out and let policyTypes say that the direction is closed.',
        },
      ];
    }),
};
