import type { NetworkPolicy } from '../network-policy.ts';
import type { WorldNamespace, WorldPod } from '../world.ts';
import { eachBit, withBit, withoutBit } from './bits.ts';
import { type Clause, type CompiledPolicy, compilePolicy, DIRECTIONS } from './compile-policy.ts';
import type { ClassId, EndClass } from './end-class.ts';
import { factsOfPod } from './end-facts.ts';
import {
  blocksOf,
  type EngineState,
  labelKeysOf,
  labelsIn,
  populationOf,
  type RowCache,
  type SeatedPolicy,
  seated,
  stateOf,
  withoutTermsOf,
  withTermsOf,
  worldOf,
} from './engine-state.ts';
import { type Refinement, type Repartition, refined, withoutResident, withResident } from './partition.ts';
import { mayMean } from './selector.ts';
import {
  dependsOnLabels,
  type KnownTerm,
  resolve,
  type Terms,
  withClass,
  withoutClass,
} from './term-sets.ts';

/** With one policy more, in the place of those of its namespace and name. */
export function withPolicy(state: EngineState, source: NetworkPolicy): EngineState {
  const written: NetworkPolicy | undefined = source; // policies come from files: a hole gets past the types
  const policy = compilePolicy(source);
  const cleared = withoutPolicy(state, policy.namespace, policy.name);
  // A hole in a list is no policy, here as for the judge; null is one that nobody can read.
  if (written === undefined) return cleared;
  const refinement = refinementFor(state, policy);
  const isNew = refinement.keys.length + refinement.blocks.length > 0;
  const fit = isNew ? repopulated(cleared, refined(cleared.partition, refinement)) : cleared;
  const seat = seated(policy, fit.nextOrder, fit.population);
  const there = [...(fit.policies.get(policy.namespace) ?? []), seat];
  const after = {
    ...fit,
    policies: new Map(fit.policies).set(policy.namespace, there),
    nextOrder: fit.nextOrder + 1,
    terms: withTermsOf(fit.terms, [policy], fit.population),
    rows: withoutRowsOf(fit.rows, [seat]),
  };
  return isNew && isOvercut(after) ? stateOf(worldOf(after), after.profile) : after;
}

/** What the policy tells apart and the present classes do not. */
function refinementFor({ partition }: EngineState, policy: CompiledPolicy): Refinement {
  const known = new Set(partition.cuts.keys);
  const blocks = new Map(blocksOf(policy).map((block) => [block.key, block]));
  return {
    keys: [...new Set(labelKeysOf(policy))].filter((key) => !known.has(key)),
    blocks: [...blocks.values()].filter(({ key }) => !partition.blocks.has(key)),
  };
}

/**
 * Classes are split and never joined again, so policies that come and go would leave them ever finer. Once most of
 * the cuts serve no policy, all is built anew, which the many changes before have long paid for.
 */
const CUTS_TO_SPARE = 64;

function isOvercut({ partition, terms, policies }: EngineState): boolean {
  const blocks = [...terms.values()].filter(({ term }) => term.kind === 'block').length;
  const inForce = [...policies.values()].flat();
  const keys = new Set(inForce.flatMap(({ policy }) => labelKeysOf(policy))).size;
  const cuts = partition.blocks.size + partition.cuts.keys.length;
  return cuts > 2 * (blocks + keys) + CUTS_TO_SPARE;
}

/** Without the policies of this namespace and name; the state itself when there are none. */
export function withoutPolicy(state: EngineState, namespace: string | undefined, name: unknown): EngineState {
  const there = state.policies.get(namespace) ?? [];
  const leaving = there.filter(({ policy }) => policy.name === name);
  if (leaving.length === 0) return state;
  const staying = there.filter((seat) => !leaving.includes(seat));
  return {
    ...state,
    policies: new Map(state.policies).set(namespace, staying),
    terms: leaving.reduce((terms, { policy }) => withoutTermsOf(terms, policy), state.terms),
    rows: withoutRowsOf(state.rows, leaving),
  };
}

/** With one pod more, in the place of those of its namespace and name. */
export function withPod(state: EngineState, pod: WorldPod): EngineState {
  const cleared = withoutPod(state, pod.namespace, pod.name);
  return repopulated(cleared, withResident(cleared.partition, factsOfPod(pod, state.profile)));
}

/** Without the pods of this namespace and name. */
export function withoutPod(state: EngineState, namespace: string, name: string): EngineState {
  return repopulated(state, withoutResident(state.partition, namespace, name));
}

/** With these labels on a namespace, which need not have been known. */
export function withNamespace(state: EngineState, { name, labels }: WorldNamespace): EngineState {
  const namespaces = new Map(state.namespaces).set(name, labels);
  const labelsOf = labelsIn(namespaces, state.profile);
  const population = { ...state.population, labelsOf };
  const terms = mapTerms(state.terms, (known) =>
    dependsOnLabels(known, name, [state.population.labelsOf, labelsOf])
      ? resolve(known.term, population)
      : known.sets,
  );
  const rows = withoutRowsNaming(state, changedKeys(state.terms, terms), false);
  return { ...state, namespaces, population, terms, rows };
}

/** Tells terms, policies and rows of the classes that came and went. */
function repopulated(state: EngineState, { partition, added, removed }: Repartition): EngineState {
  const { labelsOf } = state.population;
  const population = populationOf(partition, labelsOf);
  if (added.length + removed.length === 0) return { ...state, partition, population };
  const gone = removed.map((id) => [id, state.partition.classes[id]] as const);
  const come = added.map((id) => [id, partition.classes[id]] as const);
  const terms = mapTerms(state.terms, (known) => {
    const cleared = removed.reduce((sets, id) => withoutClass({ ...known, sets }, id), known.sets);
    return come.reduce(
      (sets, [id, each]) =>
        each === undefined ? sets : withClass({ ...known, sets }, [id, each.facts], labelsOf),
      cleared,
    );
  });
  const hasNames = [...gone, ...come].some(([, each]) => (each?.facts.namedPorts.length ?? 0) > 0);
  const rows = withoutRowsNaming(state, changedKeys(state.terms, terms), hasNames);
  for (const id of [...added, ...removed]) forget(rows, id);
  const policies = reseated(state.policies, gone, come);
  return { ...state, partition, population, terms, policies, rows };
}

function mapTerms(terms: Terms, sets: (known: KnownTerm) => KnownTerm['sets']): Terms {
  const mapped = new Map<string, KnownTerm>();
  for (const [key, known] of terms) {
    const now = sets(known);
    mapped.set(key, now === known.sets ? known : { ...known, sets: now });
  }
  return mapped;
}

function changedKeys(before: Terms, now: Terms): ReadonlySet<string> {
  const changed = new Set<string>();
  for (const [key, known] of now) if (known !== before.get(key)) changed.add(key);
  return changed;
}

type Counted = readonly (readonly [ClassId, EndClass | undefined])[];

function reseated(policies: EngineState['policies'], gone: Counted, come: Counted): EngineState['policies'] {
  const touched = new Set([...gone, ...come].map(([, each]) => each?.facts.selectable?.namespace));
  const after = new Map(policies);
  for (const namespace of touched) {
    const there = namespace === undefined ? undefined : policies.get(namespace);
    if (there !== undefined)
      after.set(
        namespace,
        there.map((seat) => withSubjects(seat, gone, come)),
      );
  }
  return after;
}

function withSubjects(seat: SeatedPolicy, gone: Counted, come: Counted): SeatedPolicy {
  const { policy } = seat;
  const find = (clause: Clause | undefined, before: SeatedPolicy['subjects']['ingress']) => {
    const left = gone.reduce((set, [id]) => withoutBit(set, id), before);
    return come.reduce((set, [id, each]) => {
      const selectable = each?.facts.selectable;
      const isMeant =
        clause !== undefined &&
        selectable?.namespace === policy.namespace &&
        selectable !== undefined &&
        mayMean(clause.subjects, selectable.labels);
      return isMeant ? withBit(set, id) : set;
    }, left);
  };
  const { ingress, egress } = seat.subjects;
  return {
    ...seat,
    subjects: { ingress: find(policy.ingress, ingress), egress: find(policy.egress, egress) },
  };
}

/** A copy of the rows without those of the classes that these policies are about. */
function withoutRowsOf(rows: RowCache, seats: readonly SeatedPolicy[]): RowCache {
  const copy = { ingress: rows.ingress.slice(), egress: rows.egress.slice() };
  for (const { subjects } of seats) {
    for (const direction of DIRECTIONS) {
      eachBit(subjects[direction], (id) => {
        copy[direction][id] = undefined;
      });
    }
  }
  return copy;
}

/** A copy of the rows without those that depend on one of these terms, or on what a port name stands for. */
function withoutRowsNaming(
  { policies, rows }: EngineState,
  terms: ReadonlySet<string>,
  hasNames: boolean,
): RowCache {
  const copy = { ingress: rows.ingress.slice(), egress: rows.egress.slice() };
  for (const { policy, subjects } of [...policies.values()].flat()) {
    for (const direction of DIRECTIONS) {
      const clause = policy[direction];
      if (clause === undefined || !dependsOn(clause, terms, hasNames && direction === 'egress')) continue;
      eachBit(subjects[direction], (id) => {
        copy[direction][id] = undefined;
      });
    }
  }
  return copy;
}

const dependsOn = (clause: Clause, terms: ReadonlySet<string>, hasNames: boolean): boolean =>
  (hasNames && clause.namesAnywhere) ||
  clause.grants.some(({ peer }) => peer.kind !== 'anyone' && terms.has(peer.key));

function forget(rows: RowCache, id: ClassId): void {
  rows.ingress[id] = undefined;
  rows.egress[id] = undefined;
}
