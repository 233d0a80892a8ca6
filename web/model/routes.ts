import { compareText } from '#core/order.ts';
import { detours } from './detours.ts';
import type { Rect } from './geometry.ts';

/**
 * How a line runs: it leaves and enters at the sides of its ends, bending between. Offsets are from the centre of
 * an end; each bend is given as weight along, and distance (px) beside, the straight line between the two offsets.
 */
export interface Route {
  readonly source: Point;
  readonly target: Point;
  readonly weights: readonly number[];
  readonly distances: readonly number[];
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

/** Above this many lines, going round what stands between costs more than it shows. */
const MAX_DETOURED = 260;

/**
 * Routes of all lines between two different ends that have a place. Ends on one side of a rectangle are spread along
 * it, and lines go round the rectangles that stand between their ends.
 */
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
  const ends = placed.map(({ line, from, to }) => {
    const [sourceSide, targetSide] = sidesOf(from, to);
    const source = endOf(from, sourceSide, offsets.get(`${line.id}>`) ?? 0);
    const target = endOf(to, targetSide, offsets.get(`${line.id}<`) ?? 0);
    const start = { x: from.x + source.x, y: from.y + source.y };
    const end = { x: to.x + target.x, y: to.y + target.y };
    return { id: line.id, from: line.from, to: line.to, source, target, start, end, sourceSide, targetSide };
  });
  const around = ends.length > MAX_DETOURED ? new Map<string, readonly Point[]>() : detours(ends, rects);
  return new Map(ends.map((line) => [line.id, bent(line, around.get(line.id) ?? [])]));
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

function endOf(rect: Rect, side: Side, y: number): Point {
  const reach = rect.width / 2 - rect.taper * Math.abs(y / (rect.height / 2));
  return { x: side === 'right' ? reach : -reach, y };
}

/** Most pixels between two line ends on one side. */
const END_PITCH = 9;

interface End {
  readonly key: string;
  readonly otherY: number;
  readonly height: number;
}

function spread(placed: readonly Placed[]): ReadonlyMap<string, number> {
  const ends = new Map<string, End[]>();
  const add = (side: string, end: End): void => {
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

interface Ends {
  readonly source: Point;
  readonly target: Point;
  readonly start: Point;
  readonly end: Point;
  readonly sourceSide: Side;
  readonly targetSide: Side;
}

function bent(ends: Ends, between: readonly Point[]): Route {
  const { start, end, sourceSide, targetSide } = ends;
  const across = end.x - start.x;
  const down = end.y - start.y;
  const reach = reachOf(ends, between.length > 0);
  const bends = [
    { x: start.x + (sourceSide === 'right' ? reach : -reach), y: start.y },
    ...between,
    { x: end.x + (targetSide === 'right' ? reach : -reach), y: end.y },
  ];
  const length = Math.max(Math.hypot(across, down), 1);
  return {
    source: ends.source,
    target: ends.target,
    weights: bends.map(({ x, y }) => ((x - start.x) * across + (y - start.y) * down) / (length * length)),
    distances: bends.map(({ x, y }) => ((y - start.y) * across - (x - start.x) * down) / length),
  };
}

/** How far a line goes straight on before it bends. */
function reachOf({ start, end, sourceSide, targetSide }: Ends, isDetour: boolean): number {
  if (isDetour) return 28;
  if (sourceSide === targetSide) return Math.min(32 + Math.abs(end.y - start.y) * 0.12, 90);
  return Math.max(32, Math.abs(end.x - start.x) * 0.42);
}
