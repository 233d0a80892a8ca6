import { differenceOf, isNobody } from '../../fast/bits.ts';
import { DIRECTIONS, type Direction } from '../../fast/compile-policy.ts';
import type { Draft, LintRule, OtherSubject } from '../lint-rule.ts';
import type { LintWorld } from '../lint-world.ts';
import { isolatedIn } from './policy-types.ts';

const SYSTEM: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

const inhabited = (world: LintWorld): readonly string[] =>
  world.model.namespaces
    .map(({ name }) => name)
    .filter((name) => world.index.inNamespace(name).some(({ hostNetwork }) => !hostNetwork));

function aboutNamespace(world: LintWorld, name: string): OtherSubject {
  const source =
    world.namespaceOf(name)?.source ?? world.workloadsOf(world.index.inNamespace(name))[0]?.source;
  return { name: `namespace ${name}`, source };
}

/** A namespace that nobody closed at all. */
export const namespaceOpen: LintRule = {
  id: 'namespace-open',
  severity: 'warning',
  needs: 'workloads',
  title: 'namespace without any NetworkPolicy',
  why: 'Pods that no policy selects accept connections from anywhere and may connect to anything (CIS Kubernetes Benchmark 5.3.2).',
  check: (world) =>
    inhabited(world)
      .filter((name) => world.policiesIn(name).length === 0)
      .map((name) => ({
        about: aboutNamespace(world, name),
        field: '',
        severity: SYSTEM.has(name) ? 'info' : 'warning',
        what: `no policy is in ${name}; open are ${world.describeGroups(world.index.inNamespace(name))}`,
        fix: 'Add a default deny (podSelector: {}, policyTypes: [Ingress, Egress]) once policies let through what is needed.',
      })),
};

function openPods(world: LintWorld, name: string, direction: Direction): readonly Draft[] {
  const everybody = world.index.selectable(world.index.inNamespace(name));
  const open = differenceOf(everybody, isolatedIn(world, name, direction));
  if (isNobody(open)) return [];
  const groups = world.groupsOf(open);
  return [
    {
      about: aboutNamespace(world, name),
      field: '',
      severity: direction === 'egress' || SYSTEM.has(name) ? 'info' : 'warning',
      what: `there are policies in ${name}, and none limits ${direction} of ${world.describeGroups(groups)}`,
      fix: `Add a default deny of ${direction} for the namespace: podSelector: {}, policyTypes: [${direction === 'ingress' ? 'Ingress' : 'Egress'}].`,
    },
  ];
}

/** A namespace that looks protected and is not. */
export const namespaceGaps: LintRule = {
  id: 'namespace-gaps',
  severity: 'warning',
  needs: 'workloads',
  title: 'namespace with policies, and pods that none selects',
  why: 'That a namespace has policies says nothing of pods that none of them selects: they are open, and so is each new workload.',
  check: (world) =>
    inhabited(world)
      .filter((name) => world.policiesIn(name).length > 0)
      .flatMap((name) => DIRECTIONS.flatMap((direction) => openPods(world, name, direction))),
};
