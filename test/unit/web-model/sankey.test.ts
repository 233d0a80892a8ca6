import { describe, expect, test } from 'vitest';
import { EMPTY_PLACEMENT } from '../../../web/model/placement.ts';
import { deniedPart, edgesBetween, ribbonPath, sankeyOf } from '../../../web/model/sankey.ts';
import { sceneOf } from '../../../web/model/scene.ts';
import { INITIAL_VIEW, type Sight, withToggled } from '../../../web/model/view.ts';
import { edge, live, workload } from './graphs.ts';

const [web, cart, db, log] = ['shop/web', 'shop/cart', 'data/db', 'ops/log'].map((path) => workload(path));
if (!(web && cart && db && log)) throw new Error('four workloads');
const graph = live(
  [web, cart, db, log],
  [
    edge(1, [web, cart], { conversations: 500 }),
    edge(2, [cart, db], { conversations: 60 }),
    edge(3, [web, db], { port: 5432, conversations: 20, denied: 20 }),
    edge(4, [log, web], { conversations: 20 }),
    edge(5, [db, log], { conversations: 1 }),
  ],
);
const OPENED = withToggled(INITIAL_VIEW, 'ns:c/shop');
const sankey = (view: Sight = INITIAL_VIEW) =>
  sankeyOf(graph, view, sceneOf(graph, view, EMPTY_PLACEMENT).membership);
const talks = (drawn: ReturnType<typeof sankey>) =>
  drawn.bands.map(({ line }) => [line.from, line.to, line.sums.conversations]).sort();

describe('the sankey', () => {
  test('has what crosses from one namespace into another, opened or not, and nothing that stays inside', () => {
    expect(talks(sankey())).toEqual([
      ['ns:c/data', 'ns:c/ops', 1],
      ['ns:c/ops', 'ns:c/shop', 20],
      ['ns:c/shop', 'ns:c/data', 80],
    ]);
    expect(talks(sankey(OPENED))).toEqual(talks(sankey()));
  });

  test('draws a ribbon as thick as its conversations, and every one thick enough to be seen', () => {
    const thickness = new Map(sankey().bands.map((band) => [band.line.from, band.thickness]));
    expect((thickness.get('ns:c/shop') ?? 0) / (thickness.get('ns:c/ops') ?? 1)).toBeCloseTo(4);
    expect(Math.min(...thickness.values())).toBeGreaterThanOrEqual(1.5);
  });

  test('stacks the ribbons of a namespace within its bar, and no two bars over each other', () => {
    const { clients, servers, height } = sankey();
    for (const side of [clients, servers]) {
      for (const [index, end] of side.entries()) {
        const before = side[index - 1];
        expect(end.y).toBeGreaterThanOrEqual(before === undefined ? 0 : before.y + before.height);
        expect(end.y + end.height).toBeLessThanOrEqual(height);
      }
    }
    const shop = clients.find(({ group }) => group.group.id === 'ns:c/shop');
    const band = sankey().bands.find(({ line }) => line.from === 'ns:c/shop');
    expect([band?.fromY, band?.thickness]).toEqual([shop?.y, shop?.height]);
  });

  test('puts denied traffic on top, and what the filter leaves out below everything', () => {
    expect(sankey().bands.at(-1)?.line.meaning).toBe('mixed');
    const filtered = sankey({ ...INITIAL_VIEW, query: 'from:ops/*' });
    expect(filtered.bands.map(({ line }) => [line.from, line.isDim])).toEqual([
      ['ns:c/data', true],
      ['ns:c/shop', true],
      ['ns:c/ops', false],
    ]);
  });

  test('moves nothing while the same namespaces talk more', () => {
    const order = (drawn: ReturnType<typeof sankey>) =>
      [drawn.clients, drawn.servers].map((side) => side.map(({ group }) => group.group.id));
    const busier = live(
      [web, cart, db, log],
      [...graph.edgesById.values()].map((each) => ({ ...each, conversations: each.id * 1000 })),
    );
    const { membership } = sceneOf(busier, INITIAL_VIEW, EMPTY_PLACEMENT);
    expect(order(sankeyOf(busier, INITIAL_VIEW, membership))).toEqual(order(sankey()));
  });

  test('of nobody is empty', () => {
    const nobody = live([], []);
    const { membership } = sceneOf(nobody, INITIAL_VIEW, EMPTY_PLACEMENT);
    expect(sankeyOf(nobody, INITIAL_VIEW, membership)).toEqual({
      clients: [],
      servers: [],
      bands: [],
      height: 0,
    });
  });

  test('a ribbon runs from one upright edge to the other and back, closed', () => {
    const [band] = sankey().bands;
    if (band === undefined) throw new Error('a ribbon');
    expect(ribbonPath({ ...band, fromY: 1, toY: 5, thickness: 2 }, 10, 30)).toBe(
      'M10.0,1.0 C20.0,1.0 20.0,5.0 30.0,5.0 L30.0,7.0 C20.0,7.0 20.0,3.0 10.0,3.0Z',
    );
  });

  test('marks as denied the share of a ribbon that was, at its lower edge', () => {
    const band = sankey().bands.find(({ line }) => line.from === 'ns:c/shop');
    const quiet = sankey().bands.find(({ line }) => line.from === 'ns:c/ops');
    if (band === undefined || quiet === undefined) throw new Error('two ribbons');
    const part = deniedPart(band);
    expect((part?.thickness ?? 0) / band.thickness).toBeCloseTo(20 / 80);
    expect((part?.fromY ?? 0) + (part?.thickness ?? 0)).toBeCloseTo(band.fromY + band.thickness);
    expect(deniedPart(quiet)).toBeUndefined();
  });

  test('leads to the edges behind a ribbon, also where the map draws the namespace open', () => {
    const { membership } = sceneOf(graph, OPENED, EMPTY_PLACEMENT);
    const ends = { from: 'ns:c/shop', to: 'ns:c/data' };
    expect(edgesBetween(graph, membership, ends).map(({ id }) => id)).toEqual([2, 3]);
    expect(edgesBetween(undefined, membership, ends)).toEqual([]);
  });
});
