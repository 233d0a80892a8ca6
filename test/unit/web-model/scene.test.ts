import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GraphEdge, GraphNode } from '#contract/graph.ts';
import type { BoxRect, Rect } from '../../../web/model/geometry.ts';
import { DRAW_LIMITS } from '../../../web/model/picture.ts';
import { decodePlacement, EMPTY_PLACEMENT, encodePlacement } from '../../../web/model/placement.ts';
import { type Scene, sceneOf } from '../../../web/model/scene.ts';
import { INITIAL_VIEW, type View, withSelection, withToggled } from '../../../web/model/view.ts';
import { edge, live, outsider, workload } from './graphs.ts';

const at = <T>(items: readonly T[], index: number): T => items[index % items.length] as T; // no list here is empty

/** `count` workloads in `spaces` namespaces, each calling the next two. */
function ring(count: number, spaces: number): { nodes: GraphNode[]; edges: GraphEdge[] } {
  const nodes = Array.from({ length: count }, (_, i) => workload(`ns${i % spaces}/w${i}`));
  const edges = nodes.flatMap((node, i) => [
    edge(i * 2, [node, at(nodes, i + 1)]),
    edge(i * 2 + 1, [node, at(nodes, i + 2)]),
  ]);
  return { nodes, edges };
}

const opened = (...namespaces: readonly string[]): View => ({
  ...INITIAL_VIEW,
  expanded: new Set(namespaces.map((name) => `ns:c/${name}`)),
});

const isApart = (a: Rect, b: Rect): boolean =>
  Math.abs(a.x - b.x) >= (a.width + b.width) / 2 || Math.abs(a.y - b.y) >= (a.height + b.height) / 2;

function overlaps(boxes: readonly BoxRect[]): readonly string[] {
  return boxes.flatMap((a, i) =>
    boxes.slice(i + 1).flatMap((b) => (isApart(a, b) ? [] : [`${a.id} over ${b.id}`])),
  );
}

/** Whatever stood somewhere before stands there still. */
function expectUnmoved(before: Scene, after: Scene): void {
  for (const [id, rect] of before.geometry.vertices) expect(after.geometry.vertices.get(id)).toEqual(rect);
  for (const box of before.geometry.boxes) {
    const now = after.geometry.boxes.find(({ id }) => id === box.id);
    expect([now?.x, now === undefined ? 0 : now.y - now.height / 2]).toEqual([box.x, box.y - box.height / 2]);
  }
}

describe('positions', () => {
  test('a new workload never moves the others, however many come', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 25 }), (count, newcomers) => {
        const { nodes, edges } = ring(count, 3);
        const view = opened('ns0', 'ns1', 'ns2');
        let graph = live(nodes, edges);
        let scene = sceneOf(graph, view, EMPTY_PLACEMENT);
        for (let i = 0; i < newcomers; i += 1) {
          const late = workload(`ns${i % 2}/late${i}`);
          graph = live(
            [...graph.nodesById.values(), late],
            [...graph.edgesById.values(), edge(1000 + i, [at(nodes, i), late])],
          );
          const next = sceneOf(graph, view, scene.placement);
          expectUnmoved(scene, next);
          expect(next.geometry.vertices.has(late.id)).toBe(true);
          expect(overlaps(next.geometry.boxes)).toEqual([]);
          scene = next;
        }
      }),
      { numRuns: 25 },
    );
  });

  test('a new namespace never moves the others', () => {
    const { nodes, edges } = ring(12, 4);
    const before = sceneOf(live(nodes, edges), opened('ns1'), EMPTY_PLACEMENT);
    const late = workload('zz/late');
    const graph = live([...nodes, late], [...edges, edge(99, [at(nodes, 0), late])]);
    const after = sceneOf(graph, opened('ns1'), before.placement);
    expectUnmoved(before, after);
    expect(after.geometry.boxes.some(({ id }) => id === 'ns:c/zz')).toBe(true);
  });

  test('an attack does not change where things stand: what is new has no say in the layout', () => {
    const { nodes, edges } = ring(12, 3);
    const view = opened('ns0', 'ns1');
    const calm = sceneOf(live(nodes, edges), view, EMPTY_PLACEMENT);
    const scan = nodes.map((node, i) => edge(500 + i, [at(nodes, 11), node], { state: 'new', port: 22 }));
    const attacked = sceneOf(live(nodes, [...edges, ...scan]), view, EMPTY_PLACEMENT);
    expect(attacked.geometry).toEqual(calm.geometry);
  });

  test('the same graph gives the same places, in whatever order it comes', () => {
    const { nodes, edges } = ring(20, 3);
    const view = opened('ns0', 'ns2');
    const forwards = sceneOf(live(nodes, edges), view, EMPTY_PLACEMENT);
    const backwards = sceneOf(live(nodes.toReversed(), edges.toReversed()), view, EMPTY_PLACEMENT);
    expect(new Map(backwards.geometry.vertices)).toEqual(new Map(forwards.geometry.vertices));
    expect(backwards.geometry.boxes).toEqual(forwards.geometry.boxes);
  });

  test('an opened namespace overlaps nothing, and the others keep their order', () => {
    const { nodes, edges } = ring(40, 7);
    const graph = live(nodes, edges);
    let view = INITIAL_VIEW;
    let scene = sceneOf(graph, view, EMPTY_PLACEMENT);
    const columnsOf = ({ placement }: Scene): readonly string[] =>
      placement.parts.map((part) => `${part.group} ${part.column} ${part.order}`);
    const order = columnsOf(scene);
    for (const namespace of ['ns0', 'ns3', 'ns5']) {
      view = withToggled(view, `ns:c/${namespace}`);
      scene = sceneOf(graph, view, scene.placement);
      expect(overlaps(scene.geometry.boxes)).toEqual([]);
      expect(columnsOf(scene)).toEqual(order);
    }
  });

  test('every vertex stands inside its box, apart from the others', () => {
    const { nodes, edges } = ring(60, 2);
    const { geometry } = sceneOf(live(nodes, edges), opened('ns0', 'ns1'), EMPTY_PLACEMENT);
    const rects = [...geometry.vertices.values()];
    expect(rects).toHaveLength(60);
    for (const [i, rect] of rects.entries()) {
      expect(rects.slice(i + 1).every((other) => isApart(rect, other))).toBe(true);
      const isInside = geometry.boxes.some(
        (box) => Math.abs(box.x - rect.x) < box.width / 2 && Math.abs(box.y - rect.y) < box.height / 2,
      );
      expect(isInside).toBe(true);
    }
  });

  test('places survive being written down and read again', () => {
    const { nodes, edges } = ring(20, 3);
    const { placement } = sceneOf(live(nodes, edges), opened('ns0'), EMPTY_PLACEMENT);
    expect(decodePlacement(encodePlacement(placement))).toEqual(placement);
  });

  test.each(['', 'null', '[]', '{"parts":7}', '{"homes":[],"parts":[{"group":1}]}'])(
    'a damaged memory of places (%s) is a fresh start',
    (text) => {
      expect(decodePlacement(text)).toEqual(EMPTY_PLACEMENT);
    },
  );

  test('an outside peer that calls in stays where it is when it is called later', () => {
    const [a, peer] = [workload('shop/a'), outsider('cidr', '192.0.2.9/32')];
    const before = sceneOf(live([a, peer], [edge(1, [peer, a])]), INITIAL_VIEW, EMPTY_PLACEMENT);
    const after = sceneOf(
      live([a, peer], [edge(1, [peer, a]), edge(2, [a, peer])]),
      INITIAL_VIEW,
      before.placement,
    );
    expect(after.membership.groupOfNode.get(peer.id)).toBe('outside-callers');
  });
});

describe('what is drawn', () => {
  test('never more than the limits, and what is left out is counted', () => {
    const nodes = Array.from({ length: 400 }, (_, i) => workload(`big/w${i}`));
    const edges = Array.from({ length: 6000 }, (_, i) =>
      edge(i, [at(nodes, (i * 7) % 400), at(nodes, (i * 13 + 1) % 400)], { port: i }),
    );
    const { picture } = sceneOf(live(nodes, edges), opened('big'), EMPTY_PLACEMENT);
    expect(picture.vertices.length + picture.groups.length).toBeLessThanOrEqual(DRAW_LIMITS.vertices);
    expect(picture.lines.length).toBeLessThanOrEqual(DRAW_LIMITS.lines);
    const stands = picture.vertices.reduce((sum, vertex) => sum + vertex.stands, 0);
    expect(stands).toBe(400);
    expect(picture.hidden.vertices).toBe(
      400 - picture.vertices.filter(({ node }) => node !== undefined).length,
    );
  });

  test('a workload with a finding is drawn however crowded it is', () => {
    const nodes = Array.from({ length: 300 }, (_, i) => workload(`big/w${i}`));
    const alarming = workload('big/zzz', { openFindings: 1 });
    const edges = nodes.map((node, i) => edge(i, [node, at(nodes, i + 1)]));
    const { picture } = sceneOf(live([...nodes, alarming], edges), opened('big'), EMPTY_PLACEMENT);
    expect(picture.vertices.some(({ id }) => id === alarming.id)).toBe(true);
  });

  test('every edge is on exactly one line, unless both its ends are in one closed box', () => {
    const { nodes, edges } = ring(30, 4);
    const { picture } = sceneOf(live(nodes, edges), opened('ns1'), EMPTY_PLACEMENT);
    const drawn = picture.lines.flatMap((line) => line.edges.map(({ id }) => id));
    const inside = picture.groups
      .filter(({ isOpen }) => !isOpen)
      .reduce((sum, group) => sum + group.insideEdges, 0);
    expect(new Set(drawn).size).toBe(drawn.length);
    expect(drawn.length + inside).toBe(edges.length);
  });

  test.each([
    ['all denied', { denied: 10 }, 'denied'],
    ['some denied', { denied: 3 }, 'mixed'],
    ['would be denied', { audited: 3 }, 'audit'],
    ['gone quiet', { state: 'silent' }, 'quiet'],
    ['let through', {}, 'forwarded'],
  ] as const)('%s shows as %3$s', (_, facts, meaning) => {
    const [a, b] = [workload('shop/a'), workload('data/b')];
    const { picture } = sceneOf(live([a, b], [edge(1, [a, b], facts)]), INITIAL_VIEW, EMPTY_PLACEMENT);
    expect(picture.lines.map((line) => line.meaning)).toEqual([meaning]);
  });

  test('a filter fades what does not match and moves nothing', () => {
    const { nodes, edges } = ring(9, 3);
    const graph = live(nodes, [...edges, edge(900, [at(nodes, 0), at(nodes, 4)], { denied: 10, port: 22 })]);
    const all = sceneOf(graph, opened('ns0'), EMPTY_PLACEMENT);
    const denied = sceneOf(graph, { ...opened('ns0'), shown: 'denied' }, all.placement);
    expect(denied.picture.matching).toBe(1);
    expect(denied.picture.lines.filter((line) => !line.isDim)).toHaveLength(1);
    expect(denied.geometry).toEqual(all.geometry);
  });

  test('a selected workload keeps its neighbours lit and fades the rest', () => {
    const { nodes, edges } = ring(6, 1);
    const [first] = nodes;
    const view = withSelection(opened('ns0'), { kind: 'vertex', id: first?.id ?? '' });
    const { picture } = sceneOf(live(nodes, edges), view, EMPTY_PLACEMENT);
    const lit = picture.vertices.filter(({ isDim }) => !isDim).map(({ node }) => node?.label);
    expect(lit.sort()).toEqual(['w0', 'w1', 'w2', 'w4', 'w5']);
    expect(picture.vertices.filter(({ isSelected }) => isSelected).map(({ id }) => id)).toEqual([first?.id]);
  });

  test('hostile names are only text: namespaces called constructor and __proto__ are drawn', () => {
    const nodes = [workload('constructor/toString'), workload('__proto__/constructor')];
    const graph = live(nodes, [edge(1, [at(nodes, 0), at(nodes, 1)])]);
    const { picture } = sceneOf(graph, opened('constructor', '__proto__'), EMPTY_PLACEMENT);
    expect(picture.vertices.map(({ node }) => node?.label).sort()).toEqual(['constructor', 'toString']);
  });
});

describe('lines', () => {
  test('go round what stands between their ends', () => {
    const nodes = [workload('a/x'), workload('b/y'), workload('c/z')];
    const [x, y, z] = [at(nodes, 0), at(nodes, 1), at(nodes, 2)];
    const graph = live(nodes, [edge(1, [x, y]), edge(2, [y, z]), edge(3, [x, z])]);
    const straight = sceneOf(graph, INITIAL_VIEW, EMPTY_PLACEMENT);
    const columns = new Map([
      ['ns:c/a', 0],
      ['ns:c/b', 1],
      ['ns:c/c', 2],
    ]);
    const parts = straight.placement.parts.map((part) => ({
      ...part,
      column: columns.get(part.group) ?? 0,
      order: 0,
    }));
    const { routes } = sceneOf(graph, INITIAL_VIEW, { ...straight.placement, parts });
    expect(routes.get('ns:c/a => ns:c/c')?.weights).toHaveLength(4);
    expect(routes.get('ns:c/a => ns:c/b')?.weights).toHaveLength(2);
  });

  test('end at the sides of what they connect', () => {
    const { nodes, edges } = ring(12, 3);
    const scene = sceneOf(live(nodes, edges), INITIAL_VIEW, EMPTY_PLACEMENT);
    for (const { source, target } of scene.routes.values()) {
      expect([Math.abs(source.x), Math.abs(target.x)]).toEqual([104, 104]);
    }
  });
});
