import { type AddressAtoms, atomAt } from './address-atoms.ts';
import type { AddressSpan, Position } from './address-axis.ts';
import { type EndFacts, factsOfPlace } from './end-facts.ts';
import { labelOf } from './selector.ts';

/** A number from 0 on, kept by its class as long as that has a member; then it may go to another one. */
export type ClassId = number;

/** Ends that no policy tells apart. */
export interface EndClass {
  readonly kind: 'pods' | 'addresses' | 'entities';
  /** The facts about one of them, which hold for all as far as policies can tell. */
  readonly facts: EndFacts;
  /** The pods; empty for the other kinds. */
  readonly members: readonly EndFacts[];
  /** The addresses; empty for the other kinds. */
  readonly spans: readonly AddressSpan[];
}

export const podClass = (members: readonly [EndFacts, ...EndFacts[]]): EndClass => ({
  kind: 'pods',
  facts: members[0],
  members,
  spans: [],
});

export const addressClass = (spans: readonly AddressSpan[], first: Position): EndClass => ({
  kind: 'addresses',
  facts: factsOfPlace({ position: first, isVisible: true }),
  members: [],
  spans,
});

/** Entities whose address is not known: no block holds them; `nodesOf` as in {@link EndFacts}. */
export const entityClass = (nodesOf?: string): EndClass => ({
  kind: 'entities',
  facts: factsOfPlace({ position: undefined, isVisible: false, nodesOf }),
  members: [],
  spans: [],
});

/** What the policies in force can tell apart. */
export interface Cuts {
  /** The label keys that some selector of pods asks for. */
  readonly keys: readonly string[];
  readonly atoms: AddressAtoms;
}

/** The same text for pods that no policy tells apart. */
export function classKey(facts: EndFacts, { keys, atoms }: Cuts): string {
  const { selectable, findable, nodesOf, namedPorts, positions, isVisible, speaks } = facts;
  return JSON.stringify([
    findable === undefined ? null : findable.namespace,
    findable === undefined ? null : keys.map((key) => labelOf(findable.labels, key) ?? null),
    selectable !== undefined,
    nodesOf ?? null,
    namedPorts.map(({ name, protocol, port }) => `${protocol}/${port}/${name}`).sort(),
    isVisible ? positions.map((position) => atomAt(atoms, position)).sort((a, b) => a - b) : null,
    speaks,
  ]);
}
