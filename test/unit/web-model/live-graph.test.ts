import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GraphEdge, GraphMinute, GraphNode, GraphSnapshot } from '#contract/graph.ts';
import type { GraphDelta } from '#contract/socket.ts';
import { fromSnapshot, withDelta } from '../../../web/model/live-graph.ts';
import { delta, edge, live, outsider, snapshot, workload } from './graphs.ts';

const NODES: readonly GraphNode[] = [
  workload('shop/a'),
  workload('shop/b'),
  workload('data/c'),
  outsider('fqdn', 'api.example.com'),
];

const anyEdge = fc
  .record({
    id: fc.nat({ max: 12 }),
    from: fc.nat({ max: NODES.length - 1 }),
    to: fc.nat({ max: NODES.length - 1 }),
    conversations: fc.nat({ max: 1000 }),
    state: fc.constantFrom('known' as const, 'new' as const),
  })
  .map(({ id, from, to, conversations, state }): GraphEdge => {
    const ends = [NODES[from] ?? workload('shop/a'), NODES[to] ?? workload('shop/a')] as const;
    return edge(id, ends, { conversations, state });
  });

const anyMinutes = fc
  .uniqueArray(fc.tuple(fc.nat({ max: 5 }), fc.integer({ min: 1, max: 9 })), { selector: ([at]) => at })
  .map((rows): readonly GraphMinute[] =>
    rows
      .sort(([x], [y]) => x - y)
      .map(([minute, conversations]) => ({ at: minute * 60_000, conversations, denied: conversations % 2 })),
  );

const anySnapshot = fc
  .record({
    minutes: anyMinutes,
    nodes: fc.subarray([...NODES]),
    edges: fc.uniqueArray(anyEdge, { selector: ({ id }) => id }),
  })
  .map(({ nodes, edges, minutes }) => ({ nodes, edges, minutes: [...minutes] }));

type Picture = Pick<GraphSnapshot, 'nodes' | 'edges' | 'minutes'>;

/** The delta between two pictures: counts as ticks where only counts changed, the rest in full. */
function between(before: Picture, after: Picture): GraphDelta {
  const oldEdges = new Map(before.edges.map((old) => [old.id, old]));
  const isTick = (next: GraphEdge): boolean => {
    const old = oldEdges.get(next.id);
    return (
      old !== undefined &&
      JSON.stringify({ ...old, conversations: next.conversations }) === JSON.stringify(next)
    );
  };
  const oldNodes = new Set(before.nodes.map(({ id }) => id));
  const gone = before.minutes.filter(({ at }) => !after.minutes.some((row) => row.at === at));
  return delta(2, {
    minutes: [...gone.map(({ at }) => ({ at, conversations: 0, denied: 0 })), ...after.minutes],
    nodes: after.nodes.filter(({ id }) => !oldNodes.has(id)),
    removedNodes: before.nodes.filter((node) => !after.nodes.includes(node)).map(({ id }) => id),
    edges: after.edges.filter((next) => !isTick(next)),
    removedEdges: before.edges
      .filter(({ id }) => !after.edges.some((next) => next.id === id))
      .map(({ id }) => id),
    ticks: after.edges
      .filter(isTick)
      .map((next) => [next.id, next.conversations, next.denied, next.ratePerMinute, next.lastSeenAt]),
  });
}

const sorted = <K, V>(map: ReadonlyMap<K, V>): readonly (readonly [string, V])[] =>
  [...map].map(([key, value]) => [String(key), value] as const).sort(([a], [b]) => (a < b ? -1 : 1));

test('a delta applied to a snapshot equals the next snapshot', () => {
  fc.assert(
    fc.property(anySnapshot, anySnapshot, (before, after) => {
      const start = fromSnapshot({ graph: snapshot(before.nodes, before.edges, before), findings: [] });
      const end = fromSnapshot({ graph: snapshot(after.nodes, after.edges, after), findings: [] });
      const next = withDelta(start, between(before, after));
      if (!next.ok) throw new Error('the number follows');
      expect(sorted(next.value.nodesById)).toEqual(sorted(end.nodesById));
      expect(sorted(next.value.edgesById)).toEqual(sorted(end.edgesById));
      expect(next.value.minutes).toEqual(end.minutes);
    }),
  );
});

test('a number that was missed is a gap, and the graph stays as it was', () => {
  const graph = live([workload('shop/a')], []);
  expect(withDelta(graph, delta(4))).toEqual({
    ok: false,
    error: { code: 'sequence_gap', expected: 2, got: 4 },
  });
});

test('a delta that is already contained changes nothing', () => {
  const graph = live([workload('shop/a')], []);
  expect(withDelta(graph, delta(1, { removedNodes: [workload('shop/a').id] }))).toEqual({
    ok: true,
    value: graph,
  });
});

test('time goes on with deltas: now and the end of the span follow', () => {
  const next = withDelta(live([], []), delta(2, { now: 999_000 }));
  expect(next.ok && [next.value.now, next.value.span]).toEqual([999_000, { from: 0, until: 999_000 }]);
});

test('a graph without a span gets one with its first edges', () => {
  const [a, b] = [workload('shop/a'), workload('shop/b')];
  const start = fromSnapshot({ graph: snapshot([], [], { span: null }), findings: [] });
  const next = withDelta(start, delta(2, { nodes: [a, b], edges: [edge(1, [a, b])] }));
  expect(next.ok && next.value.span).toEqual({ from: 60_000, until: 200_000 });
});

test('a tick for an edge nobody knows is left out', () => {
  const next = withDelta(live([], []), delta(2, { ticks: [[7, 1, 0, 1, 1]] }));
  expect(next.ok && next.value.edgesById.size).toBe(0);
});
