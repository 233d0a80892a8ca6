import { compareText, sortedText } from '#core/order.ts';
import type { GroupId } from './groups.ts';
import { type Arrow, columnsOf } from './layering.ts';

/** A place in a box's grid; rows may be half ones, so that short columns stand in the middle. */
export interface Slot {
  readonly column: number;
  readonly row: number;
}

/**
 * One box of a group. A group starts with one; when its spare slots are used up, it goes on in a further box at the
 * foot of its column, since making the first one bigger would move its neighbours.
 */
export interface Part {
  readonly group: GroupId;
  /** Column of the map, and place within it from the top. */
  readonly column: number;
  readonly order: number;
  /** Came after the first layout: stands below what was there and does not count for centring. */
  readonly isLate: boolean;
  /** The box's grid, spare row included; 0 × 0 while the group was never opened. */
  readonly columns: number;
  readonly rows: number;
  readonly slots: ReadonlyMap<string, Slot>;
}

/** Who stands where. Only ever added to: what has a place keeps it. */
export interface Placement {
  readonly parts: readonly Part[];
  /** The group an outside vertex was put into when it was first met. */
  readonly homes: ReadonlyMap<string, GroupId>;
}

export const EMPTY_PLACEMENT: Placement = { parts: [], homes: new Map() };

/** Gives each group without a place one: all of them by call direction at first, later ones below. */
export function withGroups(
  placement: Placement,
  groups: Iterable<GroupId>,
  arrows: readonly Arrow[],
): Placement {
  const placed = new Set(placement.parts.map((part) => part.group));
  const missing = sortedText([...groups].filter((group) => !placed.has(group)));
  if (missing.length === 0) return placement;
  if (placement.parts.length === 0) return { ...placement, parts: firstLayout(missing, arrows) };
  return missing.reduce((current, group) => withLateGroup(current, group), placement);
}

/** A screen is wider than high, and so is a box: this many columns make the picture fill it. */
const mapColumns = (groups: number): number => Math.max(2, Math.round(Math.sqrt(groups * 1.2)));

const firstLayout = (groups: readonly GroupId[], arrows: readonly Arrow[]): readonly Part[] =>
  columnsOf(groups, arrows, mapColumns(groups.length)).flatMap((layer, column) =>
    layer.map((group, order) => emptyPart({ group, column, order, isLate: false })),
  );

const emptyPart = (place: Pick<Part, 'group' | 'column' | 'order' | 'isLate'>): Part => ({
  ...place,
  columns: 0,
  rows: 0,
  slots: new Map(),
});

function withLateGroup(placement: Placement, group: GroupId): Placement {
  const lengths = new Map<number, number>();
  for (const { column } of placement.parts) lengths.set(column, (lengths.get(column) ?? 0) + 1);
  const [column] = [...lengths].sort(([a, m], [b, n]) => m - n || a - b)[0] ?? [0];
  return withPart(placement, emptyPart({ group, column, order: nextOrder(placement, column), isLate: true }));
}

const nextOrder = (placement: Placement, column: number): number =>
  1 + Math.max(-1, ...placement.parts.filter((part) => part.column === column).map((part) => part.order));

const withPart = (placement: Placement, part: Part): Placement => ({
  ...placement,
  parts: [...placement.parts, part],
});

/** Gives each of an opened group's vertices a slot: by call direction at first, later ones in spare slots. */
export function withMembers(
  placement: Placement,
  group: GroupId,
  change: { readonly members: Iterable<string>; readonly arrows: readonly Arrow[] },
): Placement {
  const parts = placement.parts.filter((part) => part.group === group);
  const [first] = parts;
  if (first === undefined) return placement;
  const members = sortedText(change.members);
  if (first.rows === 0) return replaced(placement, first, firstGrid(first, members, change.arrows));
  const seated = new Set(parts.flatMap((part) => [...part.slots.keys()]));
  const missing = members.filter((id) => !seated.has(id));
  return missing.reduce((current, id) => withSeat(current, group, { id, arrows: change.arrows }), placement);
}

const replaced = (placement: Placement, old: Part, part: Part): Placement => ({
  ...placement,
  parts: placement.parts.map((other) => (other === old ? part : other)),
});

/** Rows kept free below the first members, so that a newcomer finds a place without moving anybody. */
const SPARE_ROWS = 1;

/** Columns of an opened box; it stands between others, so it is rather high than wide. */
const boxColumns = (members: number): number => Math.max(2, Math.round(Math.sqrt(members * 0.55)));

function firstGrid(part: Part, members: readonly string[], arrows: readonly Arrow[]): Part {
  const layers = members.length < 4 ? [members] : columnsOf(members, arrows, boxColumns(members.length));
  const rows = Math.max(1, ...layers.map((layer) => layer.length));
  const slots = new Map<string, Slot>();
  for (const [column, layer] of layers.entries()) {
    const offset = (rows - layer.length) / 2;
    for (const [index, id] of layer.entries()) slots.set(id, { column, row: index + offset });
  }
  return { ...part, columns: Math.max(layers.length, 1), rows: rows + SPARE_ROWS, slots };
}

function withSeat(
  placement: Placement,
  group: GroupId,
  newcomer: { readonly id: string; readonly arrows: readonly Arrow[] },
): Placement {
  const parts = placement.parts.filter((part) => part.group === group);
  for (const part of parts) {
    const slot = freeSlot(part, newcomer.id, newcomer.arrows);
    if (slot !== undefined) {
      return replaced(placement, part, { ...part, slots: new Map([...part.slots, [newcomer.id, slot]]) });
    }
  }
  const [first] = parts;
  if (first === undefined) return placement;
  const more: Part = {
    ...first,
    order: nextOrder(placement, first.column),
    isLate: true,
    rows: 2 + SPARE_ROWS,
    slots: new Map([[newcomer.id, { column: 0, row: 0 }]]),
  };
  return withPart(placement, more);
}

/** The free slot that suits best: to the right of a caller if there is one, as high up as possible. */
function freeSlot(part: Part, id: string, arrows: readonly Arrow[]): Slot | undefined {
  const callers = arrows.filter(({ to }) => to === id).map(({ from }) => part.slots.get(from)?.column ?? -1);
  const wanted = Math.min(Math.max(-1, ...callers) + 1, part.columns - 1);
  const free: Slot[] = [];
  for (let column = 0; column < part.columns; column += 1) {
    for (let row = 0; row < part.rows; row += 1) {
      if (isFree(part, { column, row })) free.push({ column, row });
    }
  }
  const badness = (slot: Slot): number => Math.abs(slot.column - wanted) * 2 + slot.row * 0.5;
  return free.sort((a, b) => badness(a) - badness(b) || a.column - b.column || a.row - b.row)[0];
}

const isFree = (part: Part, slot: Slot): boolean =>
  ![...part.slots.values()].some(
    (taken) => taken.column === slot.column && Math.abs(taken.row - slot.row) < 1,
  );

/** How many things came after the first layout and stand where there was room rather than where they belong. */
export const lateCount = (placement: Placement): number =>
  placement.parts.filter((part) => part.isLate).reduce((sum, part) => sum + Math.max(part.slots.size, 1), 0);

/** The placement as text, for keeping between visits. */
export const encodePlacement = (placement: Placement): string =>
  JSON.stringify({
    homes: [...placement.homes].sort(([a], [b]) => compareText(a, b)),
    parts: placement.parts.map((part) => ({ ...part, slots: [...part.slots] })),
  });

/** The kept placement; empty when the text is not one. */
export function decodePlacement(text: string): Placement {
  try {
    const value = JSON.parse(text) as { homes?: unknown; parts?: unknown };
    if (!Array.isArray(value.homes) || !Array.isArray(value.parts)) return EMPTY_PLACEMENT;
    const parts = value.parts.filter(isPartText).map((part) => ({ ...part, slots: new Map(part.slots) }));
    return { homes: new Map(value.homes), parts };
  } catch {
    return EMPTY_PLACEMENT; // kept by another version, or damaged: a fresh layout is no loss
  }
}

type PartText = Omit<Part, 'slots'> & { readonly slots: (readonly [string, Slot])[] };

function isPartText(value: unknown): value is PartText {
  if (typeof value !== 'object' || value === null) return false;
  const part = value as Partial<Record<keyof Part, unknown>>;
  const numbers = [part.column, part.order, part.columns, part.rows];
  return typeof part.group === 'string' && Array.isArray(part.slots) && numbers.every(Number.isInteger);
}
