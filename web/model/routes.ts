import { compareText } from '#core/order.ts';
import type { Rect } from './geometry.ts';

/**
 * How a line runs: it leaves and enters at the sides of its ends, bending between. Offsets are from the centre of
 * an end; each bend is given as weight along, and distance (px) beside, the straight line between the two offsets.
 */
export interface Route {
  readonly source: Point;
  readonly target: Point;
  readonly weights: readonly [number, number];
  readonly distances: readonly [number, number];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface RoutedLine {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

type Side = 'left' | 'right';

/** Routes of all lines between two different ends that have a place; ends on one side are spread along it. */
export function routesOf(
  lines: readonly RoutedLine[],
  rects: ReadonlyMap<string, Rect>,
): ReadonlyMap<string, Route> {
  const placed = lines.flatMap((line) => {
    const from = rects.get(line.from);
    const to = rects.get(line.to);
    return from === undefined || to === undefined || line.from === line.to ? [] : [{ line, from, to }];
  });
  const offsets = spread(placed);
  return new Map(
    placed.map(({ line, from, to }) => {
      const [sourceSide, targetSide] = sidesOf(from, to);
      const source = endOf(from, sourceSide, offsets.get(`${line.id}>`) ?? 0);
      const target = endOf(to, targetSide, offsets.get(`${line.id}<`) ?? 0);
      return [line.id, bent({ from, to, source, target, sourceSide, targetSide })];
    }),
  );
}

interface Placed {
  readonly line: RoutedLine;
  readonly from: Rect;
  readonly to: Rect;
}

function sidesOf(from: Rect, to: Rect): readonly [Side, Side] {
  const gap = Math.abs(to.x - from.x) - (from.width + to.width) / 2;
  if (gap < 8) return ['right', 'right'];
  return to.x > from.x ? ['right', 'left'] : ['left', 'right'];
}

const endOf = (rect: Rect, side: Side, y: number): Point => ({
  x: (side === 'right' ? rect.width : -rect.width) / 2,
  y,
});

/** Most pixels between two line ends on one side. */
const END_PITCH = 9;

function spread(placed: readonly Placed[]): ReadonlyMap<string, number> {
  const ends = new Map<string, { key: string; otherY: number; height: number }[]>();
  const add = (side: string, end: { key: string; otherY: number; height: number }): void => {
    const list = ends.get(side);
    if (list === undefined) ends.set(side, [end]);
    else list.push(end);
  };
  for (const { line, from, to } of placed) {
    const [sourceSide, targetSide] = sidesOf(from, to);
    add(`${line.from} ${sourceSide}`, { key: `${line.id}>`, otherY: to.y, height: from.height });
    add(`${line.to} ${targetSide}`, { key: `${line.id}<`, otherY: from.y, height: to.height });
  }
  const offsets = new Map<string, number>();
  for (const list of ends.values()) {
    list.sort((a, b) => a.otherY - b.otherY || compareText(a.key, b.key));
    const pitch = Math.min(END_PITCH, ((list[0]?.height ?? 0) * 0.7) / list.length);
    for (const [index, { key }] of list.entries()) {
      offsets.set(key, (index - (list.length - 1) / 2) * pitch);
    }
  }
  return offsets;
}

interface Bend {
  readonly from: Rect;
  readonly to: Rect;
  readonly source: Point;
  readonly target: Point;
  readonly sourceSide: Side;
  readonly targetSide: Side;
}

function bent({ from, to, source, target, sourceSide, targetSide }: Bend): Route {
  const start = { x: from.x + source.x, y: from.y + source.y };
  const end = { x: to.x + target.x, y: to.y + target.y };
  const across = end.x - start.x;
  const down = end.y - start.y;
  const isArc = sourceSide === targetSide;
  const reach = isArc ? Math.min(36 + Math.abs(down) * 0.14, 120) : Math.max(36, Math.abs(across) * 0.42);
  const first = { x: start.x + (sourceSide === 'right' ? reach : -reach), y: start.y };
  const second = { x: end.x + (targetSide === 'right' ? reach : -reach), y: end.y };
  const length = Math.max(Math.hypot(across, down), 1);
  const along = (point: Point): number =>
    ((point.x - start.x) * across + (point.y - start.y) * down) / (length * length);
  const beside = (point: Point): number =>
    ((point.y - start.y) * across - (point.x - start.x) * down) / length;
  return {
    source,
    target,
    weights: [along(first), along(second)],
    distances: [beside(first), beside(second)],
  };
}
