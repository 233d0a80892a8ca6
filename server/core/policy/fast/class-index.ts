import {
  type Bits,
  bitsOf,
  differenceOf,
  intersectionOf,
  NOBODY,
  roomyWordsFor,
  setBit,
  unionOf,
} from './bits.ts';
import type { EndClass } from './end-class.ts';
import type { EndFacts, Sight } from './end-facts.ts';
import { lazy } from './lazy.ts';
import { isAboutNamespace, means, type NamespaceLabels, type PeerTerm, type PodsTerm } from './peer-term.ts';
import type { PortName } from './port-axis.ts';
import type { Requirement, Selector } from './selector.ts';
import { labelOf } from './selector.ts';

/** Finds classes of pods by namespace, label and port name, as sets; each part is built when it is first asked for. */
export interface ClassIndex {
  /** Words that hold every id there is. */
  readonly words: number;
  /** Pods that selectors of peers find, by namespace. */
  readonly namespaces: () => ReadonlyMap<string, Bits>;
  /** Pods that policies can be about, by namespace. */
  readonly governed: () => ReadonlyMap<string, Bits>;
  /** Nodes, by the namespace under which the network meets them; empty where it does not. */
  readonly nodes: () => ReadonlyMap<string, Bits>;
  readonly withLabel: (key: string) => LabelSets;
  /** By port number, the classes at which the name stands for it. */
  readonly named: (name: PortName) => ReadonlyMap<number, Bits>;
  /** The classes of pods. */
  readonly pods: () => Bits;
}

interface LabelSets {
  readonly carriers: Bits;
  readonly byValue: ReadonlyMap<string, Bits>;
}

type Classes = readonly (EndClass | undefined)[];

const NO_PORTS: ReadonlyMap<number, Bits> = new Map();

export function indexOf(classes: Classes): ClassIndex {
  const words = roomyWordsFor(classes.length);
  const byLabel = new Map<string, LabelSets>();
  const names = lazy(() => namedSets(classes, words));
  return {
    words,
    namespaces: lazy(() => setsBy(classes, words, ({ findable }) => findable?.namespace)),
    governed: lazy(() => setsBy(classes, words, ({ selectable }) => selectable?.namespace)),
    nodes: lazy(() => setsBy(classes, words, ({ nodesOf }) => nodesOf)),
    pods: lazy(() => podSet(classes, words)),
    named: ({ protocol, name }) => names().get(`${protocol}/${name}`) ?? NO_PORTS,
    withLabel: (key) => {
      const sets = byLabel.get(key) ?? labelSets(classes, words, key);
      byLabel.set(key, sets);
      return sets;
    },
  };
}

/** The set under a key, empty at first. */
function setAt<Key>(sets: Map<Key, Bits>, key: Key, words: number): Bits {
  const known = sets.get(key);
  if (known !== undefined) return known;
  const made = new Uint32Array(words);
  sets.set(key, made);
  return made;
}

function setsBy(
  classes: Classes,
  words: number,
  namespaceOf: (facts: EndFacts) => string | undefined,
): ReadonlyMap<string, Bits> {
  const sets = new Map<string, Bits>();
  classes.forEach((each, id) => {
    const namespace = each === undefined ? undefined : namespaceOf(each.facts);
    if (namespace !== undefined) setBit(setAt(sets, namespace, words), id);
  });
  return sets;
}

function podSet(classes: Classes, words: number): Bits {
  const set = new Uint32Array(words);
  classes.forEach((each, id) => {
    if (each?.kind === 'pods') setBit(set, id);
  });
  return set;
}

function labelSets(classes: Classes, words: number, key: string): LabelSets {
  const carriers = new Uint32Array(words);
  const byValue = new Map<string, Bits>();
  classes.forEach((each, id) => {
    const findable = each?.facts.findable;
    const value = findable && labelOf(findable.labels, key);
    if (value === undefined) return;
    setBit(carriers, id);
    setBit(setAt(byValue, value, words), id);
  });
  return { carriers, byValue };
}

function namedSets(classes: Classes, words: number): ReadonlyMap<string, ReadonlyMap<number, Bits>> {
  const sets = new Map<string, Map<number, Bits>>();
  classes.forEach((each, id) => {
    for (const { name, protocol, port } of each?.facts.namedPorts ?? []) {
      const key = `${protocol}/${name}`;
      const byPort = sets.get(key) ?? new Map<number, Bits>();
      sets.set(key, byPort);
      setBit(setAt(byPort, port, words), id);
    }
  });
  return sets;
}

/** Of the given pods those that no sound requirement of the selector rules out. */
export function selectFrom(among: Bits, { requirements }: Selector, index: ClassIndex): Bits {
  return requirements.reduce((left, requirement) => narrowed(left, requirement, index), among);
}

function narrowed(left: Bits, { key, kind, values }: Requirement, index: ClassIndex): Bits {
  const { carriers, byValue } = index.withLabel(key);
  if (kind === 'exists') return intersectionOf(left, carriers);
  if (kind === 'absent') return differenceOf(left, carriers);
  const listed = unionOf(values.map((value) => byValue.get(value) ?? NOBODY));
  return kind === 'in' ? intersectionOf(left, listed) : differenceOf(left, listed);
}

/** The classes that a term of pods means. */
export function classesMeant(term: PodsTerm, index: ClassIndex, labelsOf: NamespaceLabels): Bits {
  const inhabited = [...index.namespaces()];
  const sets = inhabited.flatMap(([name, set]) => (isAboutNamespace(term, name, labelsOf) ? [set] : []));
  const among = unionOf(sets);
  if (!term.findsNodes) return term.pods === undefined ? among : selectFrom(among, term.pods, index);
  const nodes = [...index.nodes()].flatMap(([name, set]) =>
    isAboutNamespace(term, name, labelsOf) ? [set] : [],
  );
  return nodes.length === 0 ? among : unionOf([among, ...nodes]);
}

/** The classes whose visible addresses a block holds, as a subject with this sight sees them. */
export function classesIn(
  term: PeerTerm & { readonly kind: 'block' },
  addressed: readonly (readonly [number, EndFacts])[],
  { words, sight }: { readonly words: number; readonly sight: Sight },
): Bits {
  const held = addressed.filter(([, facts]) => means(term, { facts, sight }, noLabels));
  return bitsOf(
    held.map(([id]) => id),
    words,
  );
}

const noLabels: NamespaceLabels = () => [];
