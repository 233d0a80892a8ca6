import { compareText, sortedText } from '#core/order.ts';

/** A call from one thing to another; `weight` is how much it should count for reading left to right. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly weight: number;
}

/**
 * Columns from callers (left) to called (right), about `columns` of them and evenly filled, each ordered so that
 * arrows cross little. The same things and arrows give the same columns, in whatever order they come.
 */
export function columnsOf(
  ids: Iterable<string>,
  arrows: readonly Arrow[],
  columns: number,
): readonly (readonly string[])[] {
  const sorted = sortedText(ids);
  const known = new Set(sorted);
  const inside = arrows.filter(({ from, to }) => from !== to && known.has(from) && known.has(to));
  const order = callOrder(sorted, inside);
  const rank = new Map(order.map((id, index) => [id, index]));
  const forward = inside.filter(({ from, to }) => (rank.get(from) ?? 0) < (rank.get(to) ?? 0));
  const layers = uncrossed(longestPathLayers(order, forward), inside);
  return uncrossed(packed(layers, Math.ceil(sorted.length / Math.max(columns, 1))), inside);
}

/** A sequence in which few arrows point backwards (greedy, after Eades, Lin and Smyth). */
function callOrder(ids: readonly string[], arrows: readonly Arrow[]): readonly string[] {
  const remaining = new Set(ids);
  const head: string[] = [];
  const tail: string[] = [];
  let alive = arrows;
  while (remaining.size > 0) {
    const balance = balances(remaining, alive);
    const sinks = [...remaining].filter((id) => balance.get(id)?.out === 0);
    const picked = sinks[0] ?? mostCalling(remaining, balance);
    if (sinks[0] === undefined) head.push(picked);
    else tail.unshift(picked);
    remaining.delete(picked);
    alive = alive.filter(({ from, to }) => from !== picked && to !== picked);
  }
  return [...head, ...tail];
}

interface Balance {
  out: number;
  into: number;
}

function balances(ids: Iterable<string>, arrows: readonly Arrow[]): ReadonlyMap<string, Balance> {
  const byId = new Map<string, Balance>();
  for (const id of ids) byId.set(id, { out: 0, into: 0 });
  for (const { from, to, weight } of arrows) {
    const source = byId.get(from);
    const target = byId.get(to);
    if (source !== undefined) source.out += weight;
    if (target !== undefined) target.into += weight;
  }
  return byId;
}

function mostCalling(ids: ReadonlySet<string>, balance: ReadonlyMap<string, Balance>): string {
  let best = '';
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const id of ids) {
    const { out, into } = balance.get(id) ?? { out: 0, into: 0 };
    const score = into === 0 ? Number.MAX_SAFE_INTEGER : out - into;
    if (score > bestScore) [best, bestScore] = [id, score];
  }
  return best;
}

function longestPathLayers(order: readonly string[], forward: readonly Arrow[]): string[][] {
  const incoming = new Map<string, string[]>();
  for (const { from, to } of forward) {
    const callers = incoming.get(to);
    if (callers === undefined) incoming.set(to, [from]);
    else callers.push(from);
  }
  const layerOf = new Map<string, number>();
  const layers: string[][] = [];
  for (const id of order) {
    const layer = Math.max(-1, ...(incoming.get(id) ?? []).map((caller) => layerOf.get(caller) ?? 0)) + 1;
    layerOf.set(id, layer);
    layers[layer] ??= [];
    layers[layer].push(id);
  }
  return layers;
}

/** Layers one after the other, put together in a column while they fit, and cut when they are too long for one. */
function packed(layers: readonly (readonly string[])[], rows: number): readonly (readonly string[])[] {
  const columns: string[][] = [];
  for (const layer of layers) {
    const last = columns.at(-1);
    if (last !== undefined && last.length + layer.length <= rows) {
      last.push(...layer);
      continue;
    }
    const parts = Math.ceil(layer.length / rows);
    const height = Math.ceil(layer.length / parts);
    for (let i = 0; i < parts; i += 1) columns.push(layer.slice(i * height, (i + 1) * height));
  }
  return columns;
}

const SWEEPS = 6;

/** Orders each layer by the mean place of its neighbours, sweeping to and fro. */
function uncrossed(
  layers: readonly (readonly string[])[],
  arrows: readonly Arrow[],
): readonly (readonly string[])[] {
  const neighbours = new Map<string, string[]>();
  for (const { from, to } of arrows) {
    neighbours.set(from, [...(neighbours.get(from) ?? []), to]);
    neighbours.set(to, [...(neighbours.get(to) ?? []), from]);
  }
  const place = new Map<string, number>();
  const settle = (layer: readonly string[]): void => {
    for (const [index, id] of layer.entries()) place.set(id, (index + 0.5) / layer.length);
  };
  for (const layer of layers) settle(layer);
  const mean = (id: string): number => {
    const near = neighbours.get(id) ?? [];
    if (near.length === 0) return place.get(id) ?? 0;
    return near.reduce((sum, other) => sum + (place.get(other) ?? 0.5), 0) / near.length;
  };
  let current = layers.map((layer) => [...layer]);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    current = (sweep % 2 === 0 ? current : current.toReversed()).map((layer) => {
      const means = new Map(layer.map((id) => [id, mean(id)]));
      const ordered = layer.toSorted(
        (a, b) => (means.get(a) ?? 0) - (means.get(b) ?? 0) || compareText(a, b),
      );
      settle(ordered);
      return ordered;
    });
    if (sweep % 2 === 1) current.reverse();
  }
  return current;
}
