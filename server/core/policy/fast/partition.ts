import { compareText } from '#core/order.ts';
import type { CniProfile, WorldPod } from '../world.ts';
import { type AddressAtoms, atomAt, atomsOf } from './address-atoms.ts';
import { type AddressBlock, FIRST_IPV4, isInBlock } from './address-axis.ts';
import {
  addressClass,
  type ClassId,
  type Cuts,
  classKey,
  type EndClass,
  entityClass,
  podClass,
} from './end-class.ts';
import type { EndFacts } from './end-facts.ts';
import { hasEnded } from './end-facts.ts';
import { lazy } from './lazy.ts';
import { labelOf } from './selector.ts';

/** Every end there is, in classes. A value: each change makes a new one that shares what it did not touch. */
export interface Partition {
  /** By id; undefined where an id is free. */
  readonly classes: readonly (EndClass | undefined)[];
  /** The class of each pod, by namespace; undefined for one that has ended. */
  readonly homes: ReadonlyMap<string, ReadonlyMap<WorldPod, ClassId | undefined>>;
  readonly cuts: Cuts;
  /** The blocks the atoms were cut by, by key. Some may be in use no longer: classes are split, never joined. */
  readonly blocks: ReadonlyMap<string, AddressBlock>;
  /** The class of each address atom. */
  readonly atomClasses: readonly ClassId[];
  /** The class of the entities whose address is not known. */
  readonly entityClass: ClassId;
  /** The same for nodes, where the network tells them from the others; elsewhere the same class. */
  readonly nodeClass: ClassId;
  /** Classes of pods by {@link classKey}. */
  readonly byKey: () => ReadonlyMap<string, ClassId>;
}

/** A partition after a change, and the classes that came and went. */
export interface Repartition {
  readonly partition: Partition;
  readonly added: readonly ClassId[];
  readonly removed: readonly ClassId[];
}

/** A partition while this module changes it. */
export interface PartitionDraft {
  readonly classes: (EndClass | undefined)[];
  readonly homes: Map<string, Map<WorldPod, ClassId | undefined>>;
  readonly added: ClassId[];
  readonly removed: ClassId[];
}

type Grouping = Pick<Partition, 'cuts' | 'blocks' | 'atomClasses' | 'entityClass' | 'nodeClass'>;

type ByKey = Partition['byKey'];

/** The classes of pods by key, looked up when first needed: most changes of policies never ask. */
const keysOf = (classes: Partition['classes'], cuts: Cuts): ByKey =>
  lazy(() => {
    const byKey = new Map<string, ClassId>();
    classes.forEach((each, id) => {
      if (each?.kind === 'pods') byKey.set(classKey(each.facts, cuts), id);
    });
    return byKey;
  });

/** The same for the few classes that came and went, as long as the cuts are the same. */
function keysAfter(before: Partition, { classes, added, removed }: PartitionDraft): ByKey {
  if (added.length + removed.length === 0) return before.byKey;
  const byKey = new Map(before.byKey());
  for (const id of removed) {
    const gone = before.classes[id];
    if (gone !== undefined) byKey.delete(classKey(gone.facts, before.cuts));
  }
  for (const id of added) {
    const come = classes[id];
    if (come !== undefined) byKey.set(classKey(come.facts, before.cuts), id);
  }
  return () => byKey;
}

/** Cut as before, with other pods. */
function resettled(draft: PartitionDraft, before: Partition): Repartition {
  const { classes, homes, added, removed } = draft;
  return { partition: { ...before, classes, homes, byKey: keysAfter(before, draft) }, added, removed };
}

function finished(draft: PartitionDraft, grouping: Grouping): Repartition {
  const { classes, homes, added, removed } = draft;
  const byKey = keysOf(classes, grouping.cuts);
  return { partition: { classes, homes, ...grouping, byKey }, added, removed };
}

const draftOf = ({ classes, homes }: Pick<Partition, 'classes' | 'homes'>): PartitionDraft => ({
  classes: [...classes],
  homes: new Map(homes as ReadonlyMap<string, Map<WorldPod, ClassId | undefined>>),
  added: [],
  removed: [],
});

/** The pods of a namespace in a draft, as this draft's own copy. */
function homesIn({ homes }: PartitionDraft, namespace: string): Map<WorldPod, ClassId | undefined> {
  const copy = new Map(homes.get(namespace));
  homes.set(namespace, copy);
  return copy;
}

/** The lowest free id, so that sets of ids stay short. */
function freeId({ classes }: PartitionDraft): ClassId {
  const free = classes.indexOf(undefined);
  return free === -1 ? classes.length : free;
}

function addClass(draft: PartitionDraft, added: EndClass): ClassId {
  const id = freeId(draft);
  draft.classes[id] = added;
  draft.added.push(id);
  return id;
}

/** Puts pods and address space into classes as these label keys and blocks tell them apart. */
export function partitionOf(
  pods: readonly EndFacts[],
  { keys, blocks }: { readonly keys: readonly string[] } & Pick<Partition, 'blocks'>,
  { nodeNamespace }: Pick<CniProfile, 'nodeNamespace'>,
): Partition {
  const atoms = atomsOf([...blocks.values()]);
  const cuts = { keys, atoms };
  const classes: EndClass[] = atoms.spans.map((spans) => addressClass(spans, spans[0]?.first ?? FIRST_IPV4));
  const atomClasses = classes.map((_, id) => id);
  const others = classes.push(entityClass()) - 1;
  const nodes = nodeNamespace === undefined ? others : classes.push(entityClass(nodeNamespace.name)) - 1;
  const groups = new Map<string, Group>();
  const homes = new Map<string, Map<WorldPod, ClassId | undefined>>();
  for (const facts of byNamespace(pods)) settle(homes, facts, grouped(groups, facts, [cuts, classes.length]));
  for (const { members } of groups.values()) classes.push(podClass(members));
  const draft: PartitionDraft = { classes, homes, added: [], removed: [] };
  return finished(draft, { cuts, blocks, atomClasses, entityClass: others, nodeClass: nodes }).partition;
}

/** Neighbours get ids that are close, so that what is about one namespace touches few words. */
const byNamespace = (pods: readonly EndFacts[]): readonly EndFacts[] =>
  pods.toSorted((a, b) => compareText(a.pod?.namespace ?? '', b.pod?.namespace ?? ''));

interface Group {
  readonly id: ClassId;
  readonly members: [EndFacts, ...EndFacts[]];
}

/** Joins a pod to those like it, or begins a group whose id follows the `taken` ones; undefined for one that ended. */
function grouped(
  groups: Map<string, Group>,
  facts: EndFacts,
  [cuts, taken]: readonly [Cuts, number],
): ClassId | undefined {
  if (isNobody(facts)) return undefined;
  const key = classKey(facts, cuts);
  const known = groups.get(key);
  if (known !== undefined) {
    known.members.push(facts);
    return known.id;
  }
  const id = taken + groups.size;
  groups.set(key, { id, members: [facts] });
  return id;
}

const isNobody = ({ pod }: EndFacts): boolean => pod === undefined || hasEnded(pod);

function settle(
  homes: Map<string, Map<WorldPod, ClassId | undefined>>,
  { pod }: EndFacts,
  id: ClassId | undefined,
): void {
  if (pod === undefined) return;
  const there = homes.get(pod.namespace) ?? new Map<WorldPod, ClassId | undefined>();
  homes.set(pod.namespace, there.set(pod, id));
}

/** With one pod more. */
export function withResident(partition: Partition, facts: EndFacts): Repartition {
  const { pod } = facts;
  const draft = draftOf(partition);
  if (pod === undefined) return resettled(draft, partition);
  const known = isNobody(facts) ? undefined : partition.byKey().get(classKey(facts, partition.cuts));
  const joined = known === undefined ? undefined : draft.classes[known];
  if (known !== undefined && joined !== undefined) {
    draft.classes[known] = { ...joined, members: [...joined.members, facts] };
  }
  const id = isNobody(facts) ? undefined : (known ?? addClass(draft, podClass([facts])));
  homesIn(draft, pod.namespace).set(pod, id);
  return resettled(draft, partition);
}

/** Without the pods of this name. */
export function withoutResident(partition: Partition, namespace: string, name: string): Repartition {
  const draft = draftOf(partition);
  const leaving = [...(partition.homes.get(namespace) ?? [])].filter(([pod]) => pod.name === name);
  if (leaving.length === 0) return resettled(draft, partition);
  const there = homesIn(draft, namespace);
  for (const [pod, id] of leaving) {
    there.delete(pod);
    if (id !== undefined) leave(draft, id, pod);
  }
  return resettled(draft, partition);
}

function leave(draft: PartitionDraft, id: ClassId, pod: WorldPod): void {
  const [first, ...others] = (draft.classes[id]?.members ?? []).filter((facts) => facts.pod !== pod);
  draft.classes[id] = first === undefined ? undefined : podClass([first, ...others]);
  if (first === undefined) draft.removed.push(id);
}

/** What further policies tell apart that those before did not. */
export interface Refinement {
  readonly keys: readonly string[];
  readonly blocks: readonly AddressBlock[];
}

/** Splits the classes whose members are no longer all alike. */
export function refined(partition: Partition, refinement: Refinement): Repartition {
  const draft = draftOf(partition);
  const blocks = new Map(partition.blocks);
  for (const block of refinement.blocks) blocks.set(block.key, block);
  const hasBlocks = refinement.blocks.length > 0;
  const atoms = hasBlocks ? atomsOf([...blocks.values()]) : partition.cuts.atoms;
  const atomClasses = hasBlocks ? splitAddresses(draft, partition, atoms) : partition.atomClasses;
  for (const [id, each] of partition.classes.entries()) {
    if (each?.kind === 'pods') splitPods(draft, id, refinement);
  }
  const keys = [...partition.cuts.keys, ...refinement.keys];
  const { entityClass: others, nodeClass } = partition;
  return finished(draft, { cuts: { keys, atoms }, blocks, atomClasses, entityClass: others, nodeClass });
}

/** The first piece of an old atom keeps its class. */
function splitAddresses(draft: PartitionDraft, before: Partition, atoms: AddressAtoms): readonly ClassId[] {
  const kept = new Set<ClassId>();
  return atoms.spans.map((spans) => {
    const first = spans[0]?.first ?? FIRST_IPV4;
    const id = before.atomClasses[atomAt(before.cuts.atoms, first)] ?? -1;
    if (kept.has(id)) return addClass(draft, addressClass(spans, first));
    kept.add(id);
    draft.classes[id] = addressClass(spans, first);
    return id;
  });
}

function splitPods(draft: PartitionDraft, id: ClassId, refinement: Refinement): void {
  const members = draft.classes[id]?.members ?? [];
  if (members.length < 2) return;
  const pieces = new Map<string, [EndFacts, ...EndFacts[]]>();
  for (const facts of members) {
    const key = pieceKey(facts, refinement);
    const piece = pieces.get(key);
    if (piece === undefined) pieces.set(key, [facts]);
    else piece.push(facts);
  }
  if (pieces.size < 2) return;
  const [kept, ...others] = pieces.values();
  if (kept !== undefined) draft.classes[id] = podClass(kept);
  for (const piece of others) moveTo(draft, addClass(draft, podClass(piece)), piece);
}

function moveTo(draft: PartitionDraft, id: ClassId, members: readonly EndFacts[]): void {
  for (const namespace of new Set(members.map(({ pod }) => pod?.namespace ?? ''))) {
    const there = homesIn(draft, namespace);
    for (const { pod } of members) if (pod?.namespace === namespace) there.set(pod, id);
  }
}

function pieceKey({ findable, isVisible, positions }: EndFacts, { keys, blocks }: Refinement): string {
  const labels = keys.map((key) => findable && labelOf(findable.labels, key));
  const held = blocks.map((block) => isVisible && positions.map((position) => isInBlock(block, position)));
  return JSON.stringify([labels, held]);
}
