import type { CniProfile, Labels, World } from '../world.ts';
import type { AddressBlock } from './address-axis.ts';
import { type Bits, hasBit, NOBODY } from './bits.ts';
import { indexOf, selectFrom } from './class-index.ts';
import {
  type Clause,
  type CompiledPolicy,
  clausesOf,
  compilePolicy,
  type Direction,
} from './compile-policy.ts';
import type { ClassId } from './end-class.ts';
import { type EndFacts, factsOfPod, sightOf } from './end-facts.ts';
import { lazy } from './lazy.ts';
import { type Partition, partitionOf } from './partition.ts';
import type { NamespaceLabels } from './peer-term.ts';
import { NO_PAIR, OPEN_PAIR, type RowPair, rowOf } from './rows.ts';
import { addressedIn, type KnownTerm, type Population, resolve, type Terms } from './term-sets.ts';

/** A policy in its place: whom it isolates, by direction. */
export interface SeatedPolicy {
  readonly policy: CompiledPolicy;
  /** Policies of one world in their order. */
  readonly order: number;
  readonly subjects: Readonly<Record<Direction, Bits>>;
}

/** Rows by class id; undefined where one was not asked for since something it depends on changed. */
export type RowCache = Record<Direction, (RowPair | undefined)[]>;

/** All that an engine knows. A value, but for the rows, which are filled in when they are first asked for. */
export interface EngineState {
  readonly profile: CniProfile;
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly partition: Partition;
  readonly population: Population;
  /** By namespace; under undefined those that are in none a pod can be in. */
  readonly policies: ReadonlyMap<string | undefined, readonly SeatedPolicy[]>;
  readonly nextOrder: number;
  readonly terms: Terms;
  readonly rows: RowCache;
}

const NO_LABELS: Labels = [];

/** The labels of the namespaces of a world; of two entries with one name the first counts. */
export const labelsIn =
  (namespaces: ReadonlyMap<string, Labels>, { nodeNamespace }: CniProfile): NamespaceLabels =>
  (name) =>
    namespaces.get(name) ?? (nodeNamespace?.name === name ? nodeNamespace.labels : NO_LABELS);

export function populationOf({ classes }: Partition, labelsOf: NamespaceLabels): Population {
  return { classes, index: indexOf(classes), labelsOf, addressed: lazy(() => addressedIn(classes)) };
}

/** Policies read, or placed, in one step of building. */
const POLICIES_A_STEP = 50;

/** Builds all of it anew, in steps: a caller may take up other work between two. */
export function* stating(world: World, profile: CniProfile): Generator<undefined, EngineState> {
  const compiled: CompiledPolicy[] = [];
  for (const policy of world.policies) {
    if (policy !== undefined) compiled.push(compilePolicy(policy));
    if (compiled.length % POLICIES_A_STEP === 0) yield;
  }
  const namespaces = new Map(world.namespaces.toReversed().map(({ name, labels }) => [name, labels]));
  const pods = world.pods.map((pod) => factsOfPod(pod, profile));
  const blocks = new Map(compiled.flatMap(blocksOf).map((block) => [block.key, block]));
  yield;
  const keys = [...new Set(compiled.flatMap(labelKeysOf))];
  const partition = partitionOf(pods, { keys, blocks }, profile);
  yield;
  const population = populationOf(partition, labelsIn(namespaces, profile));
  const policies = new Map<string | undefined, SeatedPolicy[]>();
  const terms = new Map<string, KnownTerm>();
  for (const [order, policy] of compiled.entries()) {
    const there = policies.get(policy.namespace) ?? [];
    policies.set(policy.namespace, there);
    there.push(seated(policy, order, population));
    addTerms(terms, policy, population);
    if (order % POLICIES_A_STEP === 0) yield;
  }
  const rows: RowCache = { ingress: [], egress: [] };
  return { profile, namespaces, partition, population, policies, nextOrder: compiled.length, terms, rows };
}

/** Builds all of it anew. */
export function stateOf(world: World, profile: CniProfile): EngineState {
  const steps = stating(world, profile);
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

/** Finds whom a policy is about. */
export function seated(policy: CompiledPolicy, order: number, { index }: Population): SeatedPolicy {
  const there =
    (policy.namespace === undefined ? undefined : index.governed().get(policy.namespace)) ?? NOBODY;
  const find = (clause: Clause | undefined): Bits =>
    clause === undefined ? NOBODY : selectFrom(there, clause.subjects, index);
  return { policy, order, subjects: { ingress: find(policy.ingress), egress: find(policy.egress) } };
}

/** Adds the terms these policies name, and counts them. */
export function withTermsOf(
  terms: Terms,
  policies: readonly CompiledPolicy[],
  population: Population,
): Terms {
  const all = new Map<string, KnownTerm>(terms);
  for (const policy of policies) addTerms(all, policy, population);
  return all;
}

function addTerms(terms: Map<string, KnownTerm>, policy: CompiledPolicy, population: Population): void {
  for (const { peer } of grantsIn(policy)) {
    if (peer.kind === 'anyone') continue;
    const known = terms.get(peer.key);
    const sets = known?.sets ?? resolve(peer, population);
    terms.set(peer.key, { term: peer, sets, uses: (known?.uses ?? 0) + 1 });
  }
}

/** Takes the terms that one policy names off the count; what nobody names any more is forgotten. */
export function withoutTermsOf(terms: Terms, policy: CompiledPolicy): Terms {
  const left = new Map<string, KnownTerm>(terms);
  for (const { peer } of grantsIn(policy)) {
    const known = peer.kind === 'anyone' ? undefined : left.get(peer.key);
    if (peer.kind === 'anyone' || known === undefined) continue;
    if (known.uses === 1) left.delete(peer.key);
    else left.set(peer.key, { ...known, uses: known.uses - 1 });
  }
  return left;
}

const grantsIn = (policy: CompiledPolicy): Clause['grants'] =>
  clausesOf(policy).flatMap(({ grants }) => grants);

/** The label keys of pods that a policy asks for. */
export const labelKeysOf = (policy: CompiledPolicy): readonly string[] =>
  clausesOf(policy)
    .flatMap(({ subjects, grants }) => [
      subjects,
      ...grants.map(({ peer }) => (peer.kind === 'pods' ? peer.pods : undefined)),
    ])
    .flatMap((selector) => selector?.requirements.map(({ key }) => key) ?? []);

/** The blocks of addresses that a policy names. */
export const blocksOf = (policy: CompiledPolicy): readonly AddressBlock[] =>
  grantsIn(policy).flatMap(({ peer }) => (peer.kind === 'block' ? [peer.block] : []));

/** What a direction of one class lets through. */
export function rowsOf(state: EngineState, direction: Direction, id: ClassId): RowPair {
  const cache = state.rows[direction];
  const known = cache[id];
  if (known !== undefined) return known;
  const made = makeRows(state, direction, id);
  cache[id] = made;
  return made;
}

function makeRows(state: EngineState, direction: Direction, id: ClassId): RowPair {
  const facts = state.partition.classes[id]?.facts;
  if (facts === undefined) return NO_PAIR;
  const clauses = clausesFor(state, direction, [id, facts]);
  if (clauses.length === 0) return OPEN_PAIR;
  const source = { terms: state.terms, index: state.population.index, direction, subject: facts };
  const IPv4 = rowOf(clauses, { ...source, sight: sightOf(facts, 'IPv4') });
  if (facts.speaks !== 'both' || !clauses.some((clause) => hasChoice(clause, state.terms))) {
    return { IPv4, IPv6: IPv4 };
  }
  return { IPv4, IPv6: rowOf(clauses, { ...source, sight: 'IPv6' }) };
}

function clausesFor(
  { policies }: EngineState,
  direction: Direction,
  [id, { selectable }]: readonly [ClassId, EndFacts],
): readonly Clause[] {
  const clauses: Clause[] = [];
  for (const { policy, subjects } of (selectable && policies.get(selectable.namespace)) ?? []) {
    const clause = policy[direction];
    if (clause !== undefined && hasBit(subjects[direction], id)) clauses.push(clause);
  }
  return clauses;
}

/** True when some grant means one family of a peer and not the other. */
const hasChoice = ({ grants }: Clause, terms: Terms): boolean =>
  grants.some(({ peer }) => {
    const sets = peer.kind === 'anyone' ? undefined : terms.get(peer.key)?.sets;
    return sets !== undefined && sets.IPv4 !== sets.IPv6;
  });

/** The policies of a world, in their order. */
export const policiesOf = ({ policies }: EngineState): readonly SeatedPolicy[] =>
  [...policies.values()].flat().sort((a, b) => a.order - b.order);

/** The world as it stands after all changes: pods grouped by namespace, policies in the order they came. */
export function worldOf(state: EngineState): World {
  return {
    namespaces: [...state.namespaces].map(([name, labels]) => ({ name, labels })),
    pods: [...state.partition.homes.values()].flatMap((there) => [...there.keys()]),
    policies: policiesOf(state).map(({ policy }) => policy.source),
  };
}
