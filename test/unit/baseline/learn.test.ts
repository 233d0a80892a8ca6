import { describe, expect, test } from 'vitest';
import { encodeBaseline } from '#core/baseline/baseline-codec.ts';
import { canonicalJson } from '#core/baseline/canonical-json.ts';
import { learnBaseline, withDecision } from '#core/baseline/learn.ts';
import { MINUTE_MS } from '#core/flow/time.ts';
import type { Edge } from '#core/graph/edge.ts';
import { emptyEdge, mergeEdge } from '#core/graph/edge-merge.ts';
import { endpoint, flow, START } from '../../support/flows.ts';
import { cidr, edge, every, graphOf, hash, learn, rowOf, seenPod, workload, worldOf } from './some-edge.ts';

const HOURS_2 = 120;
const daily = every(5, 0, HOURS_2);
const decisionOf = (given: Edge, minutes = HOURS_2, others: readonly Edge[] = []) =>
  rowOf(learn([given, ...others], minutes), given)?.decision;
const reasonOf = (given: Edge, minutes = HOURS_2, others: readonly Edge[] = []) =>
  rowOf(learn([given, ...others], minutes), given)?.reason ?? 'not in the baseline';

describe('what is learnt', () => {
  test('an edge that was let through in the window is accepted by the rule', () => {
    const given = edge('shop/cart', 'shop/db', 8080, { minutes: daily });
    expect(rowOf(learn([given], HOURS_2), given)).toMatchObject({ decision: 'accepted', actor: 'bulkhead' });
  });

  test('an edge whose minutes all lie outside the window is not learnt', () => {
    const later = edge('shop/cart', 'shop/db', 8080, { minutes: [130, 131] });
    expect(learn([later], HOURS_2).edges.size).toBe(0);
  });

  test('an edge that is in the window in part keeps only the minutes and the times inside', () => {
    const given = edge('shop/cart', 'shop/db', 8080, { minutes: [0, 60, 119, 120, 200] });
    const learnt = rowOf(learn([given], HOURS_2), given)?.edge;
    expect([...(learnt?.minutes.keys() ?? [])].map((at) => (at - START) / MINUTE_MS)).toEqual([0, 60, 119]);
    expect(learnt?.conversations.total).toBe(3);
    expect(learnt?.lastSeenAt).toBeLessThan(START + HOURS_2 * MINUTE_MS);
  });

  test('an edge that policy only denied within the window is not learnt, even if it was let through afterwards', () => {
    const given = edge('shop/cart', 'shop/db', 8080, { minutes: [10, 20, 130], deniedMinutes: [10, 20] });
    expect(learn([given], HOURS_2).edges.size).toBe(0);
  });

  test('the baseline stays as it was while the live graph goes on counting', () => {
    const live = emptyEdge(edge('shop/cart', 'shop/db'), flow(endpoint({}), endpoint({})));
    mergeEdge(live, edge('shop/cart', 'shop/db', 8080, { minutes: daily }));
    const baseline = learn([live], HOURS_2);
    const before = canonicalJson(encodeBaseline(baseline));
    mergeEdge(live, edge('shop/cart', 'shop/db', 8080, { minutes: daily, fromPods: ['shop/new'] }));
    expect(canonicalJson(encodeBaseline(baseline))).toBe(before);
  });

  test('an edge whose minutes were dropped to save memory is learnt by its first and last sight', () => {
    const given = { ...edge('shop/cart', 'shop/db', 8080, { minutes: [10, 11] }), minutes: new Map() };
    const graph = { ...graphOf([given]), historyFrom: START + 60 * MINUTE_MS };
    expect(rowOf(learn([], HOURS_2, { graph }), given)?.edge.conversations.total).toBe(2);
    expect(learn([given], HOURS_2).edges.size).toBe(0);
  });

  test('an edge outside the scope is not learnt, and one that touches it is', () => {
    const inside = edge('shop/cart', 'data/db', 8080, { minutes: daily });
    const outside = edge('other/a', 'other/b', 8080, { minutes: daily });
    const scope = { cluster: 'default', namespaces: ['shop' as never], workloads: [] };
    expect([...learn([inside, outside], HOURS_2, { scope }).edges.keys()]).toEqual([inside.key]);
  });

  test('the order in which the graph lists its edges changes nothing', () => {
    const edges = [
      edge('shop/a', 'shop/b', 80, { minutes: daily }),
      edge('shop/a', 'shop/c', 81, { minutes: daily }),
      edge('shop/b', 'shop/c', 82, { minutes: daily }),
    ];
    expect(learn([...edges].reverse(), HOURS_2)).toEqual(learn(edges, HOURS_2));
  });
});

describe('what is held until a person looks', () => {
  test('an edge only audit mode let pass', () => {
    const given = edge('shop/a', 'shop/b', 80, { minutes: daily, outcomes: { audited: daily.length } });
    expect(reasonOf(given)).toMatch(/audit mode/);
  });

  test('an edge the server only ever refused', () => {
    const given = edge('shop/a', 'shop/b', 80, { minutes: daily, refused: daily.length });
    expect(reasonOf(given)).toMatch(/refused/);
  });

  test('no reply seen is no refusal', () => {
    expect(decisionOf(edge('shop/a', 'shop/b', 80, { minutes: daily, answered: 0 }))).toBe('accepted');
  });

  test('a pair that used too many ports, and outside addresses beyond every budget', () => {
    expect(reasonOf(edge('shop/a', 'shop/b', 'many', { minutes: daily }))).toMatch(/every port/);
    expect(reasonOf(edge('shop/a', { kind: 'other-external' }, 443, { minutes: daily }))).toMatch(
      /every address/,
    );
  });

  test.each([
    { name: 'one client and one handshake', sketch: { handshakes: 1, fromPods: ['a/x'] }, held: true },
    { name: 'two clients but no handshake', sketch: { handshakes: 0 }, held: true },
    { name: 'handshakes of two clients', sketch: { handshakes: 2 }, held: false },
    { name: 'one client that came back for hours', sketch: { fromPods: ['a/x'] }, held: false },
  ])('a listener on an ephemeral port with $name: held is $held', ({ sketch, held }) => {
    const given = edge('shop/a', 'shop/b', 50_051, { minutes: daily, ...sketch });
    expect(decisionOf(given)).toBe(held ? 'held' : 'accepted');
  });

  test.each([22, 2379, 10_250])('an edge to port %i, a door to machines', (port) => {
    expect(reasonOf(edge('shop/a', 'shop/b', port, { minutes: daily }))).toMatch(/door to machines/);
  });

  test('an edge to the metadata address', () => {
    expect(reasonOf(edge('shop/a', cidr('169.254.169.254/32'), 80, { minutes: daily }))).toMatch(
      /credentials/,
    );
  });

  test('an edge first seen in the last fifth of a long window, and not in a short recording', () => {
    const habit = edge('shop/a', 'shop/c', 80, { minutes: daily });
    const late = edge('shop/a', 'shop/b', 80, { minutes: [100, 110] });
    expect(reasonOf(late, HOURS_2, [habit])).toMatch(/last fifth/);
    expect(decisionOf(edge('shop/a', 'shop/b', 80, { minutes: [2] }), 3, [habit])).toBe('accepted');
  });

  test('where everything is seen once, nothing is held for coming late: novelty is no sign there', () => {
    const edges = every(10, 5, HOURS_2).map((minute) =>
      edge('shop/a', `shop/target-${minute}`, 80, { minutes: [minute] }),
    );
    const decisions = [...learn(edges, HOURS_2).edges.values()].map((row) => row.decision);
    expect(new Set(decisions)).toEqual(new Set(['accepted']));
  });

  test('another visitor of a port that serves the public is not held for coming late', () => {
    const visitors = every(1, 1, 9).map((host) =>
      edge(cidr(`192.0.2.${host}/32`), 'shop/web', 443, { minutes: daily }),
    );
    const late = edge(cidr('192.0.2.77/32'), 'shop/web', 443, { minutes: [118] });
    expect(decisionOf(late, HOURS_2, visitors)).toBe('accepted');
    expect(decisionOf(late, HOURS_2, visitors.slice(0, 2))).toBe('held');
  });

  test('an edge that policy denied at first and let through later', () => {
    const given = edge('shop/a', 'shop/b', 80, { minutes: [1, 2, 3, 50], deniedMinutes: [1, 2] });
    expect(reasonOf(given)).toMatch(/denied it at first/);
  });

  test('a beacon to a host of its own that began in the middle of the window', () => {
    const habit = edge('shop/a', 'shop/b', 80, { minutes: daily });
    const beacon = edge('shop/a', cidr('198.51.100.66/32'), 443, { minutes: every(1, 60, 110) });
    expect(reasonOf(beacon, HOURS_2, [habit])).toMatch(/middle of the training window/);
  });

  test('a data store that only one of three replicas talks to', () => {
    const client = workload('shop/a');
    const given = edge(client, 'data/db', 5432, { minutes: daily, fromPods: ['shop/a-1'], total: 40 });
    const pods = ['a-1', 'a-2', 'a-3'].map((name) => seenPod(client, name, 0, HOURS_2));
    const row = rowOf(learn([given], HOURS_2, { world: worldOf(pods) }), given);
    expect(row?.reason).toMatch(/one of 3 replicas/);
    const alone = rowOf(learn([given], HOURS_2, { world: worldOf(pods.slice(0, 1)) }), given);
    expect(alone?.decision).toBe('accepted');
  });

  test('everything a scan touched, and what its source took up after it', () => {
    const scan = every(1, 0, 20).map((index) =>
      edge('shop/a', `shop/target-${index}`, 80, { minutes: [60], lastsMs: 100 }),
    );
    const after = edge('shop/a', 'data/files', 9000, { minutes: [62, 64, 80] });
    const habit = edge('shop/a', 'shop/b', 80, { minutes: daily });
    const baseline = learn([...scan, after, habit], HOURS_2);
    expect(scan.map((each) => rowOf(baseline, each)?.decision)).toEqual(scan.map(() => 'held'));
    expect(rowOf(baseline, after)?.reason).toMatch(/after its source had started/);
    expect(rowOf(baseline, habit)?.decision).toBe('accepted');
  });

  test('thirty targets scraped once each in a short recording are no scan', () => {
    const scrapes = every(1, 0, 30).map((index) =>
      edge('monitoring/prometheus', `shop/target-${index}`, 9090, { minutes: [index % 3], lastsMs: 100 }),
    );
    const decisions = [...learn(scrapes, 3).edges.values()].map((row) => row.decision);
    expect(new Set(decisions)).toEqual(new Set(['accepted']));
  });

  test('the subject of an open finding', () => {
    const given = edge('shop/a', 'shop/b', 80, { minutes: daily });
    const baseline = learn([given], HOURS_2, { suspects: new Set([given.key]) });
    expect(rowOf(baseline, given)).toMatchObject({
      decision: 'held',
      reason: expect.stringContaining('finding'),
    });
  });
});

describe('decisions', () => {
  const given = edge('shop/a', 'shop/b', 22, { minutes: daily });
  const first = learn([given], HOURS_2);
  const word = { edge: given.key, decision: 'accepted', reason: 'Backups use it.', actor: 'ana' } as const;

  test('a decision makes the next version, with another id, and leaves the old one as it was', () => {
    const second = withDecision(first, word, hash);
    expect(second).toMatchObject({ version: 2 });
    expect(second?.id).not.toBe(first.id);
    expect(rowOf(first, given)?.decision).toBe('held');
    expect(second === undefined ? undefined : rowOf(second, given)).toMatchObject({
      decision: 'accepted',
      reason: 'Backups use it.',
      actor: 'ana',
    });
  });

  test('there is no decision about an edge the baseline does not have', () => {
    const stranger = edge('shop/x', 'shop/y').key;
    expect(withDecision(first, { ...word, edge: stranger }, hash)).toBeUndefined();
  });

  test('learning again keeps what people decided and renews what rules decided', () => {
    const second = withDecision(first, word, hash);
    if (second === undefined) throw new Error('the edge is there');
    const again = learn([given], HOURS_2, { previous: second, version: 3 });
    expect(rowOf(again, given)).toMatchObject({ decision: 'accepted', actor: 'ana' });
    const fresh = learn([given], HOURS_2, { previous: first, version: 2 });
    expect(rowOf(fresh, given)).toMatchObject({ decision: 'held', actor: 'bulkhead' });
  });

  test('two equal baselines have one id, whatever their version', () => {
    expect(learn([given], HOURS_2, { version: 9 }).id).toBe(first.id);
  });

  test('a hash that gives no usable id is refused', () => {
    const request = { graph: graphOf([]), world: worldOf(), coverage: first.coverage, version: 1 };
    const { scope, window } = first;
    expect(() => learnBaseline({ ...request, scope, window, hash: () => '../..' })).toThrow(/hash/);
  });
});
