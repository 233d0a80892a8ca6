import { type GroupId, isOutside } from './groups.ts';
import type { Part, Placement } from './placement.ts';

/** A rectangle by its centre, in map units (CSS pixels at zoom 1). */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** How far the upper and lower corners stand back from the points of a hexagon; 0 for a rectangle. */
  readonly taper: number;
}

/** Share of half its width by which a hexagon's corners stand back. */
export const TAPER = 0.16;

const taperOf = (group: GroupId, width: number): number => (isOutside(group) ? (width / 2) * TAPER : 0);

/** A box as drawn. */
export interface BoxRect extends Rect {
  readonly id: string;
  readonly group: GroupId;
  readonly isOpen: boolean;
  /** A group's further box, at the foot of its column. */
  readonly isContinuation: boolean;
}

export interface Geometry {
  readonly boxes: readonly BoxRect[];
  readonly vertices: ReadonlyMap<string, Rect>;
}

export const VERTEX_SIZE = { width: 164, height: 38 } as const;
export const CLOSED_SIZE = { width: 208, height: 84 } as const;

const VERTEX_GAP = { x: 60, y: 22 } as const;
const BOX_PADDING = { top: 46, side: 22, bottom: 22 } as const;
const BOX_GAP = { x: 96, y: 60 } as const;

/** Where everything is, given what is open and which vertices are drawn. No two boxes overlap. */
export function geometryOf(
  placement: Placement,
  isOpen: (group: GroupId) => boolean,
  isDrawn: (vertex: string) => boolean,
): Geometry {
  const boxes: BoxRect[] = [];
  const vertices = new Map<string, Rect>();
  let left = 0;
  for (const column of columnsOf(placement, isOpen)) {
    const width = Math.max(...column.map((box) => box.width));
    const height = column
      .filter((box) => !box.part.isLate)
      .reduce((sum, box) => sum + box.reserved + BOX_GAP.y, -BOX_GAP.y);
    let top = -Math.max(height, 0) / 2;
    for (const box of column) {
      const rect = drawnBox(box, { x: left + width / 2, top, isDrawn });
      boxes.push(rect);
      if (box.isOpen) placeVertices(box.part, { rect, isDrawn, vertices });
      top += box.reserved + BOX_GAP.y;
    }
    left += width + BOX_GAP.x;
  }
  return { boxes, vertices };
}

interface Sized {
  readonly part: Part;
  readonly isOpen: boolean;
  readonly isContinuation: boolean;
  readonly width: number;
  /** Height kept for it, spare rows included. */
  readonly reserved: number;
}

function columnsOf(placement: Placement, isOpen: (group: GroupId) => boolean): readonly (readonly Sized[])[] {
  const columns = new Map<number, Sized[]>();
  const started = new Set<GroupId>();
  for (const part of [...placement.parts].sort((a, b) => a.column - b.column || a.order - b.order)) {
    const isContinuation = started.has(part.group);
    started.add(part.group);
    const isPartOpen = isOpen(part.group) && part.rows > 0;
    if (isContinuation && !isPartOpen) continue;
    const sized = { part, isOpen: isPartOpen, isContinuation, ...reservedSize(part, isPartOpen) };
    columns.set(part.column, [...(columns.get(part.column) ?? []), sized]);
  }
  return [...columns.values()];
}

type SizeOf = (part: Part, isOpen: boolean) => { readonly width: number; readonly reserved: number };

const reservedSize: SizeOf = (part, isOpen) => {
  if (!isOpen) return { width: CLOSED_SIZE.width, reserved: CLOSED_SIZE.height };
  const inner = part.columns * (VERTEX_SIZE.width + VERTEX_GAP.x) - VERTEX_GAP.x;
  return {
    width: Math.max(inner + BOX_PADDING.side * 2, CLOSED_SIZE.width),
    reserved: boxHeight(part.rows),
  };
};

const boxHeight = (rows: number): number =>
  rows * (VERTEX_SIZE.height + VERTEX_GAP.y) - VERTEX_GAP.y + BOX_PADDING.top + BOX_PADDING.bottom;

function drawnBox(
  box: Sized,
  at: { readonly x: number; readonly top: number; readonly isDrawn: (vertex: string) => boolean },
): BoxRect {
  const used = [...box.part.slots].filter(([id]) => at.isDrawn(id)).map(([, slot]) => slot.row + 1);
  const height = box.isOpen ? boxHeight(Math.max(1, ...used)) : box.reserved;
  return {
    id: box.isContinuation ? `${box.part.group}#${box.part.order}` : box.part.group,
    group: box.part.group,
    isOpen: box.isOpen,
    isContinuation: box.isContinuation,
    x: at.x,
    y: at.top + height / 2,
    width: box.width,
    height,
    taper: box.isOpen ? 0 : taperOf(box.part.group, box.width),
  };
}

function placeVertices(
  part: Part,
  into: {
    readonly rect: Rect;
    readonly isDrawn: (vertex: string) => boolean;
    readonly vertices: Map<string, Rect>;
  },
): void {
  const left = into.rect.x - into.rect.width / 2 + BOX_PADDING.side + VERTEX_SIZE.width / 2;
  const top = into.rect.y - into.rect.height / 2 + BOX_PADDING.top + VERTEX_SIZE.height / 2;
  for (const [id, slot] of part.slots) {
    if (!into.isDrawn(id)) continue;
    into.vertices.set(id, {
      x: left + slot.column * (VERTEX_SIZE.width + VERTEX_GAP.x),
      y: top + slot.row * (VERTEX_SIZE.height + VERTEX_GAP.y),
      ...VERTEX_SIZE,
      taper: taperOf(part.group, VERTEX_SIZE.width),
    });
  }
}
