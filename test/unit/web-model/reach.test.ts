import { describe, expect, test } from 'vitest';
import type { GraphNode } from '#contract/graph.ts';
import { edgeRowsOf } from '../../../web/model/edge-rows.ts';
import { EMPTY_PLACEMENT } from '../../../web/model/placement.ts';
import type { Blast } from '../../../web/model/ports.ts';
import {
  directReachOf,
  hopRowsOf,
  isSameReached,
  type Reached,
  reachedOf,
  readingOf,
} from '../../../web/model/reach.ts';
import { sceneOf } from '../../../web/model/scene.ts';
import { INITIAL_VIEW, type Sight, withStepBack, withToggled } from '../../../web/model/view.ts';
import { edge, live, outsider, workload } from './graphs.ts';

const [web, cart, db, log] = ['shop/web', 'shop/cart', 'data/db', 'ops/log'].map((path) =>
  workload(path),
) as [GraphNode, GraphNode, GraphNode, GraphNode];
const graph = live(
  [web, cart, db, log, outsider('entity', 'world')],
  [
    edge(1, [web, cart]),
    edge(2, [cart, db], { port: 5432 }),
    edge(3, [web, db], { port: 5432, admitted: 'blocked' }),
    edge(4, [log, web]),
    edge(5, [cart, web]),
  ],
);

type Stage = Extract<Blast['readings'][number]['stages'][number], { readonly byHop: unknown }>;

const stage = (name: Stage['stage'], reached: readonly (readonly [GraphNode, number])[]): Stage => {
  const within = (hops: number) => ({ workloads: reached.filter(([, at]) => at <= hops).length, pairs: 0 });
  return {
    stage: name,
    byHop: [within(1), within(2)],
    closure: within(9),
    hops: 2,
    reached: reached.map(([node, hops]) => ({
      workload: `${node.namespace}/${node.label}[Deployment]`,
      hops,
      ports: [],
      text: 'TCP 8080',
    })),
    outside: { direct: [], closure: [] },
    nodesAndApiServer: { direct: false, closure: false },
    crownJewels: [],
  };
};

const blast = (stages: readonly Stage[], used?: Blast['used']): Blast => ({
  cluster: 'c',
  profile: 'cilium',
  workloads: 4,
  policies: [],
  readings: [
    { ports: 'every', stages: [] },
    { ports: 'listening', stages: [...stages] },
  ],
  used,
  problems: [],
});

const OPEN = stage('open', [
  [cart, 1],
  [db, 1],
  [log, 1],
]);
const PROPOSAL = stage('proposal', [
  [cart, 1],
  [db, 2],
]);
const answer = blast([OPEN, PROPOSAL], {
  byHop: [
    { workloads: ['shop/cart[Deployment]'] },
    { workloads: ['data/db[Deployment]'] },
    { workloads: [] },
  ],
  direct: [{ workload: 'shop/cart[Deployment]', ports: [], text: 'TCP 8080' }],
  outside: [],
});

describe('what an answer says about a reach', () => {
  test('counts workloads in one, two and any number of hops, and hops really used add up', () => {
    expect(hopRowsOf(answer)).toEqual([
      { hops: 1, now: 3, proposal: 1, used: 1 },
      { hops: 2, now: 3, proposal: 2, used: 2 },
      { hops: 'any', now: 3, proposal: 2, used: 2 },
    ]);
  });

  test('is about the current policies where the server knows them, and about none where it does not', () => {
    expect(readingOf(answer).now?.stage).toBe('open');
    expect(readingOf(blast([OPEN, stage('current', []), PROPOSAL])).now?.stage).toBe('current');
  });

  test('leaves what is not known empty', () => {
    expect(hopRowsOf(blast([OPEN]))[2]).toEqual({
      hops: 'any',
      now: 3,
      proposal: undefined,
      used: undefined,
    });
    expect(directReachOf(blast([]))).toEqual([]);
    expect(directReachOf(blast([OPEN])).map(({ isUsed }) => isUsed)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('puts first what nobody was seen to use', () => {
    const direct = directReachOf(blast([OPEN], answer.used));
    expect(direct.map(({ workload: name, isUsed }) => [name, isUsed])).toEqual([
      ['data/db[Deployment]', false],
      ['ops/log[Deployment]', false],
      ['shop/cart[Deployment]', true],
    ]);
  });
});

describe('a reach on the map', () => {
  const reached = (under: Reached['under'], of = web): Reached =>
    reachedOf(answer, { of: of.id, under }, graph.nodesById.values());
  const sight = (more: Partial<Sight> = {}): Sight => ({ ...INITIAL_VIEW, ...more });
  const dimIn = (look: Sight) => {
    const { picture } = sceneOf(graph, look, EMPTY_PLACEMENT);
    return {
      groups: picture.groups.filter(({ isDim }) => isDim).map(({ group }) => group.id),
      vertices: picture.vertices.filter(({ isDim }) => isDim).map(({ id }) => id),
      lines: picture.lines.filter(({ isDim }) => !isDim).map(({ id }) => id),
    };
  };

  test('lights the workload, who is reached, and the steps between that the proposal admits', () => {
    const opened = ['ns:c/shop', 'ns:c/data', 'ns:c/ops'].reduce(withToggled, INITIAL_VIEW);
    expect(dimIn({ ...opened, reached: reached('proposal') })).toEqual({
      groups: ['outside-callers'],
      vertices: [log.id],
      lines: [`${cart.id} => ${db.id}`, `${web.id} => ${cart.id}`],
    });
    expect(dimIn({ ...opened, reached: reached('now') }).lines).toContain(`${web.id} => ${db.id}`);
  });

  test('lights closed namespaces in which somebody is reached, even where nobody was seen calling', () => {
    expect(dimIn(sight({ reached: reached('proposal') })).groups).toEqual(['ns:c/ops', 'outside-callers']);
    expect(dimIn(sight({ reached: reached('now') })).groups).toEqual(['outside-callers']);
  });

  test('stays while something in it is selected, and is narrowed by the query', () => {
    const selected = sight({ reached: reached('proposal'), selection: { kind: 'vertex', id: db.id } });
    expect(dimIn(selected)).toEqual(dimIn(sight({ reached: reached('proposal') })));
    expect(dimIn(sight({ reached: reached('now'), query: 'to:db' })).groups).toEqual([
      'ns:c/ops',
      'outside-callers',
    ]);
  });

  test('narrows the table to the same edges', () => {
    const rows = edgeRowsOf(graph, sight({ reached: reached('proposal') }));
    expect(rows.map(({ edge: { id } }) => id)).toEqual([1, 2]);
  });

  test('under a proposal that is not there is the reach there is now', () => {
    const only = reachedOf(blast([OPEN]), { of: web.id, under: 'proposal' }, graph.nodesById.values());
    expect([only.under, only.workloads]).toEqual(['now', 3]);
  });

  test('means workloads of the cluster that was asked about, and counts those that are not on the map', () => {
    const foreign = { ...cart, id: 'workload:other/shop/Deployment/cart', cluster: 'other' };
    const found = reachedOf(answer, { of: web.id, under: 'proposal' }, [web, foreign]);
    expect([[...found.ids], found.workloads]).toEqual([[web.id], 2]);
  });

  test('is the same when it lights the same, so that nothing is drawn anew', () => {
    expect(isSameReached(reached('now'), reached('now'))).toBe(true);
    expect(isSameReached(reached('now'), reached('proposal'))).toBe(false);
    expect(isSameReached(undefined, reached('now'))).toBe(false);
  });

  test('goes with one step back, after the selection', () => {
    const reach = { of: web.id, under: 'now' } as const;
    const first = withStepBack({ ...INITIAL_VIEW, reach, selection: { kind: 'vertex', id: db.id } });
    expect([first.selection, first.reach]).toEqual([undefined, reach]);
    expect(withStepBack(first).reach).toBeUndefined();
  });
});
