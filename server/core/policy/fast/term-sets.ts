import { type Bits, EVERYBODY, isSameSet, NOBODY, withBit, withoutBit } from './bits.ts';
import { type ClassIndex, classesIn, classesMeant } from './class-index.ts';
import type { ClassId, EndClass } from './end-class.ts';
import type { EndFacts, Sight } from './end-facts.ts';
import { isAboutNamespace, means, type NamespaceLabels, type PeerTerm } from './peer-term.ts';

/** The classes that one term means, by how the subject sees its peers; mostly the same set three times. */
export type TermSets = Readonly<Record<Sight, Bits>>;

type KeyedTerm = Exclude<PeerTerm, { readonly kind: 'anyone' }>;

/** One term that rules name, with the classes it means and the number of policies that name it. */
export interface KnownTerm {
  readonly term: KeyedTerm;
  readonly sets: TermSets;
  readonly uses: number;
}

export type Terms = ReadonlyMap<string, KnownTerm>;

const EVERYBODY_SEEN: TermSets = { any: EVERYBODY, IPv4: EVERYBODY, IPv6: EVERYBODY };
const NOBODY_SEEN: TermSets = { any: NOBODY, IPv4: NOBODY, IPv6: NOBODY };

/** The classes a term means; a term nobody named before means nobody. */
export function setsOf(terms: Terms, term: PeerTerm): TermSets {
  if (term.kind === 'anyone') return EVERYBODY_SEEN;
  return terms.get(term.key)?.sets ?? NOBODY_SEEN;
}

/** What terms are resolved against. */
export interface Population {
  readonly classes: readonly (EndClass | undefined)[];
  readonly index: ClassIndex;
  readonly labelsOf: NamespaceLabels;
  /** The classes whose addresses blocks are held against. */
  readonly addressed: () => readonly (readonly [ClassId, EndFacts])[];
}

/** The classes with an address that blocks see. */
export function addressedIn(classes: Population['classes']): readonly (readonly [ClassId, EndFacts])[] {
  return classes.flatMap((each, id) => {
    const isSeen = each?.facts.isVisible === true && each.facts.positions.length > 0;
    return isSeen ? [[id, each.facts] as const] : [];
  });
}

/** Finds the classes that a term means. */
export function resolve(term: KeyedTerm, { index, labelsOf, addressed }: Population): TermSets {
  if (term.kind === 'pods') return alike(classesMeant(term, index, labelsOf));
  const seen = addressed();
  const any = classesIn(term, seen, { words: index.words, sight: 'any' });
  if (!seen.some(([, { speaks }]) => speaks === 'both')) return alike(any);
  const [IPv4, IPv6] = (['IPv4', 'IPv6'] as const).map((sight) => {
    const set = classesIn(term, seen, { words: index.words, sight });
    return isSameSet(set, any) ? any : set;
  });
  return { any, IPv4: IPv4 ?? any, IPv6: IPv6 ?? any };
}

const alike = (set: Bits): TermSets => ({ any: set, IPv4: set, IPv6: set });

/** The sets with another class in its place, or the very same sets when the term does not mean it. */
export function withClass(
  known: KnownTerm,
  [id, facts]: readonly [ClassId, EndFacts],
  labelsOf: NamespaceLabels,
): TermSets {
  return mapSets(known.sets, (set, sight) =>
    means(known.term, { facts, sight }, labelsOf) ? withBit(set, id) : set,
  );
}

/** The sets without a class that is gone. */
export const withoutClass = ({ sets }: KnownTerm, id: ClassId): TermSets =>
  mapSets(sets, (set) => withoutBit(set, id));

/** Sets that were one stay one, as long as they stay alike. */
function mapSets(sets: TermSets, map: (set: Bits, sight: Sight) => Bits): TermSets {
  const any = map(sets.any, 'any');
  const [IPv4, IPv6] = (['IPv4', 'IPv6'] as const).map((sight) => {
    const set = map(sets[sight], sight);
    return isSameSet(set, any) ? any : set;
  });
  const isSame = any === sets.any && IPv4 === sets.IPv4 && IPv6 === sets.IPv6;
  return isSame ? sets : { any, IPv4: IPv4 ?? any, IPv6: IPv6 ?? any };
}

/** True when the term may come to mean other pods once this namespace has other labels. */
export const dependsOnLabels = (
  { term }: KnownTerm,
  name: string,
  [before, after]: readonly [NamespaceLabels, NamespaceLabels],
): boolean =>
  term.kind === 'pods' && isAboutNamespace(term, name, before) !== isAboutNamespace(term, name, after);
