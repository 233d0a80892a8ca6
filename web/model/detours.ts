import type { Rect } from './geometry.ts';
import type { Point } from './routes.ts';

/** A line by its two outer ends in map units, and the rectangles it belongs to. */
export interface Stretch {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly start: Point;
  readonly end: Point;
}

/** Pixels kept free around a rectangle, and between two lines that go through one gap. */
const CLEARANCE = 7;
const LANE_PITCH = 4;
const LANES = 5;

/**
 * Points a line must bend by so as not to run behind the rectangles between its ends: two for each column of
 * rectangles that would be hit, before and after it. Lines that hit nothing are left out.
 */
export function detours(
  lines: readonly Stretch[],
  rects: ReadonlyMap<string, Rect>,
): ReadonlyMap<string, readonly Point[]> {
  const columns = columnsOf(rects.values());
  const used = new Map<string, number>();
  const around = new Map<string, readonly Point[]>();
  for (const line of lines) {
    const points = crossed(line, columns).flatMap((column) => pass(line, column, used));
    if (points.length > 0) around.set(line.id, points);
  }
  return around;
}

interface Column {
  readonly left: number;
  readonly right: number;
  /** From top to bottom. */
  readonly rects: readonly Rect[];
}

/** Rectangles that stand exactly above each other, from left to right. */
function columnsOf(rects: Iterable<Rect>): readonly Column[] {
  const columns = new Map<string, { left: number; right: number; rects: Rect[] }>();
  for (const rect of [...rects].sort((a, b) => a.x - b.x || a.y - b.y)) {
    const [left, right] = [rect.x - rect.width / 2, rect.x + rect.width / 2];
    const key = `${left} ${right}`;
    const column = columns.get(key);
    if (column === undefined) columns.set(key, { left, right, rects: [rect] });
    else column.rects.push(rect);
  }
  return [...columns.values()];
}

/** Columns that lie wholly between the ends, in the order the line meets them. */
function crossed({ start, end }: Stretch, columns: readonly Column[]): readonly Column[] {
  const [low, high] = start.x < end.x ? [start.x, end.x] : [end.x, start.x];
  const between = columns.filter(({ left, right }) => left > low && right < high);
  return start.x < end.x ? between : between.toReversed();
}

function pass(line: Stretch, column: Column, used: Map<string, number>): readonly Point[] {
  const middle = (column.left + column.right) / 2;
  const share = (middle - line.start.x) / (line.end.x - line.start.x);
  const wanted = line.start.y + (line.end.y - line.start.y) * smooth(share);
  if (!column.rects.some((rect) => isHit(rect, wanted))) return [];
  const gap = nearestGap(column, wanted);
  const key = `${column.left} ${gap}`;
  const lane = used.get(key) ?? 0;
  used.set(key, lane + 1);
  const y = gap + ((lane % LANES) - (LANES - 1) / 2) * LANE_PITCH;
  const [near, far] = line.start.x < line.end.x ? [column.left, column.right] : [column.right, column.left];
  return [
    { x: near, y },
    { x: far, y },
  ];
}

/** Where along its height an S-shaped line is, by the share of its width. */
const smooth = (share: number): number => share * share * (3 - 2 * share);

const isHit = (rect: Rect, y: number): boolean => Math.abs(rect.y - y) < rect.height / 2 + CLEARANCE;

/** Middle of the gap between two rectangles of the column, or outside all of them, that is closest to `y`. */
function nearestGap({ rects }: Column, y: number): number {
  const outside = CLEARANCE + LANE_PITCH * LANES * 0.5;
  const tops = rects.map((rect) => rect.y - rect.height / 2);
  const bottoms = rects.map((rect) => rect.y + rect.height / 2);
  const gaps = [(tops[0] ?? 0) - outside, (bottoms.at(-1) ?? 0) + outside];
  for (const [index, bottom] of bottoms.slice(0, -1).entries()) {
    const next = tops[index + 1] ?? bottom;
    if (next - bottom < 2 * CLEARANCE) continue;
    gaps.push(gapMiddle({ top: bottom, bottom: next }, y, outside));
  }
  return gaps.reduce((best, gap) => (Math.abs(gap - y) < Math.abs(best - y) ? gap : best));
}

/** Narrow gaps are passed in the middle, wide ones near the side the line comes from. */
function gapMiddle(
  gap: { readonly top: number; readonly bottom: number },
  y: number,
  outside: number,
): number {
  const middle = (gap.top + gap.bottom) / 2;
  if (gap.bottom - gap.top < outside * 2) return middle;
  return Math.min(Math.max(y, gap.top + outside), gap.bottom - outside);
}
