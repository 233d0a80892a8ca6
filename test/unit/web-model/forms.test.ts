import { expect, test } from 'vitest';
import { edgeRowsOf } from '../../../web/model/edge-rows.ts';
import { cellStrength, matrixOf } from '../../../web/model/matrix.ts';
import { EMPTY_PLACEMENT } from '../../../web/model/placement.ts';
import { sceneOf } from '../../../web/model/scene.ts';
import { INITIAL_VIEW, withToggled } from '../../../web/model/view.ts';
import { edge, live, workload } from './graphs.ts';

const [web, cart, db] = [workload('shop/web'), workload('shop/cart'), workload('data/db')];
const graph = live(
  [web, cart, db],
  [
    edge(1, [web, cart], { conversations: 5 }),
    edge(2, [cart, db], { port: 5432, conversations: 2 }),
    edge(3, [web, db], { port: 5432, denied: 1, conversations: 1 }),
  ],
);
const SHOP = 'ns:c/shop';

test('the matrix has the rows and cells that the map draws, and the same sums', () => {
  const closed = matrixOf(sceneOf(graph, INITIAL_VIEW, EMPTY_PLACEMENT).picture);
  expect(closed.ends.map(({ id, isGroup, inside }) => [id, isGroup, inside])).toEqual([
    ['ns:c/data', true, 0],
    [SHOP, true, 1],
  ]);
  expect([...closed.cells.values()].map(({ sums }) => [sums.conversations, sums.denied])).toEqual([[3, 1]]);
  const opened = matrixOf(sceneOf(graph, withToggled(INITIAL_VIEW, SHOP), EMPTY_PLACEMENT).picture);
  expect(opened.ends.map(({ id, group }) => [id, group])).toEqual([
    ['ns:c/data', 'ns:c/data'],
    [cart.id, SHOP],
    [web.id, SHOP],
  ]);
  expect(opened.cells.get(`${web.id} => ${cart.id}`)?.sums.conversations).toBe(5);
});

test('a busier cell is drawn more strongly, and every cell can be seen', () => {
  expect(cellStrength(0, 100)).toBeCloseTo(0.15);
  expect(cellStrength(100, 100)).toBeCloseTo(1);
  expect(cellStrength(10, 100)).toBeGreaterThan(cellStrength(1, 100));
  expect(cellStrength(0, 0)).toBeCloseTo(0.15);
});

test('the table has every edge that the filters let through, drawn or not', () => {
  const rows = (query: string) =>
    edgeRowsOf(graph, { ...INITIAL_VIEW, query }).map(({ from, to, edge: { id } }) => [id, from, to]);
  expect(rows('')).toEqual([
    [1, 'shop/web', 'shop/cart'],
    [2, 'shop/cart', 'data/db'],
    [3, 'shop/web', 'data/db'],
  ]);
  expect(rows('to:db verdict:denied')).toEqual([[3, 'shop/web', 'data/db']]);
});
