import { describe, expect, test } from 'vitest';
import { driftOf } from '#core/change/drift.ts';
import type { DriftRequest } from '#core/change/drift-context.ts';
import { MINUTE_MS } from '#core/flow/time.ts';
import type { Edge } from '#core/graph/edge.ts';
import { START } from '../../support/flows.ts';
import {
  cidr,
  coverage,
  edge,
  every,
  graphOf,
  hash,
  learn,
  seenPod,
  workload,
  worldOf,
} from '../baseline/some-edge.ts';

/** Two hours of training, and "now" one hour later. */
const TRAINED = 120;
const NOW = 180;
const steady = every(2, 0, NOW);

const habit = edge('shop/cart', 'data/db', 8080, { minutes: steady });

/** Drift of a world that went on with its habit and did this besides. */
function drift(later: readonly Edge[], more: Partial<DriftRequest> & { known?: readonly Edge[] } = {}) {
  const { known = [habit], ...rest } = more;
  const pods = ['cart-1', 'cart-2', 'cart-3'].map((name) => seenPod(workload('shop/cart'), name, 0, TRAINED));
  return driftOf({
    baseline: learn(known, TRAINED, { world: worldOf(pods) }),
    graph: graphOf([...known, ...later]),
    coverage: coverage(NOW),
    since: START + TRAINED * MINUTE_MS,
    now: START + NOW * MINUTE_MS,
    hash,
    ...rest,
  });
}

describe('what is drift', () => {
  test('a world that goes on as it did has none', () => {
    expect(drift([])).toEqual([]);
  });

  test('an edge that was never seen during training', () => {
    const given = edge('shop/cart', 'data/files', 9000, { minutes: [130, 131] });
    expect(drift([given])).toMatchObject([
      {
        kind: 'new-edge',
        state: 'open',
        edge: given.key,
        title: 'New edge: shop/cart[Deployment] => data/files[Deployment] : TCP 9000',
        conversations: 2,
        nearestKnown: 'shop/cart[Deployment] => data/db[Deployment] : TCP 8080',
        proposalAnswer: 'no-proposal',
      },
    ]);
  });

  test('another port between a known pair', () => {
    const [finding] = drift([edge('shop/cart', 'data/db', 9999, { minutes: [130] })]);
    expect(finding).toMatchObject({ kind: 'new-port' });
    expect(finding?.explanation).toMatch(/talked on TCP 8080 during training/);
  });

  test('an attempt that policy denied', () => {
    const given = edge('shop/x', 'data/db', 8080, { minutes: [130, 131], deniedMinutes: [130, 131] });
    expect(drift([given])).toMatchObject([{ kind: 'denied-attempt', severity: 'info', conversations: 2 }]);
  });

  test('an accepted edge that policy now denies', () => {
    const known = edge('shop/cart', 'shop/pay', 443, { minutes: steady, deniedMinutes: [140, 142] });
    expect(drift([], { known: [known] })).toMatchObject([
      { kind: 'denied-attempt', severity: 'medium', conversations: 2 },
    ]);
  });

  test('an edge a person rejected and that goes on', () => {
    const baseline = learn([habit], TRAINED);
    const row = baseline.edges.get(habit.key);
    if (row === undefined) throw new Error('the habit is learnt');
    const rejected = {
      ...row,
      decision: 'rejected',
      reason: 'Left over from a test.',
      actor: 'ana',
    } as const;
    const findings = drift([], { baseline: { ...baseline, edges: new Map([[habit.key, rejected]]) } });
    expect(findings).toMatchObject([{ kind: 'new-edge' }]);
    expect(findings[0]?.explanation).toMatch(/^ana rejected this edge: Left over from a test\./);
  });

  test('an edge that a person still has to decide on is none', () => {
    expect(drift([], { known: [habit, edge('shop/cart', 'shop/vm', 22, { minutes: steady })] })).toEqual([]);
  });

  test('an edge outside the scope is none', () => {
    const scope = { cluster: 'default', namespaces: ['shop' as never], workloads: [] };
    const baseline = learn([habit], TRAINED, { scope });
    expect(drift([edge('other/a', 'other/b', 80, { minutes: [130] })], { baseline })).toEqual([]);
  });

  test('another visitor of a port that serves the public is none, and a visitor that policy denied is', () => {
    const visitors = every(1, 1, 9).map((host) =>
      edge(cidr(`192.0.2.${host}/32`), 'shop/cart', 443, { minutes: steady }),
    );
    const stranger = cidr('192.0.2.77/32');
    const known = [habit, ...visitors];
    expect(drift([edge(stranger, 'shop/cart', 443, { minutes: [130] })], { known })).toEqual([]);
    const denied = edge(stranger, 'shop/cart', 443, { minutes: [130], deniedMinutes: [130] });
    expect(drift([denied], { known })).toMatchObject([{ kind: 'denied-attempt' }]);
  });

  test('a finding keeps its id however often it is looked for', () => {
    const given = edge('shop/cart', 'data/files', 9000, { minutes: [130, 131] });
    const grown = edge('shop/cart', 'data/files', 9000, { minutes: [130, 131, 150] });
    expect(drift([given])[0]?.id).toBe(drift([grown])[0]?.id);
  });

  test('whether the proposal would have stopped it is asked for each edge', () => {
    const given = edge('shop/cart', 'data/files', 9000, { minutes: [130] });
    const judge = (ends: { port: unknown }) => (ends.port === 9000 ? 'would-block' : 'would-admit') as never;
    expect(drift([given], { judge })).toMatchObject([{ proposalAnswer: 'would-block' }]);
  });
});

describe('how much it matters', () => {
  const severityOf = (given: Edge) => drift([given])[0]?.severity;

  test.each([
    ['an edge within the namespace', edge('shop/cart', 'shop/new', 8080, { minutes: [130] }), 'low'],
    [
      'a node that reaches a pod',
      edge({ kind: 'entity', entity: 'host' }, 'shop/cart', 8080, { minutes: [130] }),
      'info',
    ],
    [
      'a data store of the same namespace',
      edge('shop/cart', 'shop/redis', 6379, { minutes: [130] }),
      'medium',
    ],
    ['the metadata address', edge('shop/cart', cidr('169.254.169.254/32'), 80, { minutes: [130] }), 'high'],
    [
      'a host outside on an odd port',
      edge('shop/cart', cidr('198.51.100.6/32'), 4444, { minutes: [130] }),
      'high',
    ],
    [
      "a host outside on the web's port",
      edge('shop/cart', cidr('198.51.100.6/32'), 443, { minutes: [130] }),
      'medium',
    ],
    ['SSH in the same namespace', edge('shop/cart', 'shop/vm', 22, { minutes: [130] }), 'high'],
    ['SSH that was refused', edge('shop/cart', 'shop/vm', 22, { minutes: [130], refused: 1 }), 'medium'],
    [
      'a pair of namespaces that never talked',
      edge('shop/cart', 'mail/smtp', 25, { minutes: [130] }),
      'medium',
    ],
    [
      'one replica of three',
      edge('shop/cart', 'shop/redis', 6379, { minutes: [130, 131], fromPods: ['shop/cart-1'] }),
      'high',
    ],
  ])('%s', (_name, given, severity) => {
    expect(severityOf(given)).toBe(severity);
  });

  test('the explanation names each reason', () => {
    const [finding] = drift([edge('shop/cart', cidr('198.51.100.6/32'), 4444, { minutes: [130] })]);
    expect(finding?.explanation).toMatch(/No workload talked to this outside host.*not one of the web/);
  });
});

describe('a scan', () => {
  const scan = every(1, 0, 40).map((index) =>
    edge('shop/cart', `data/target-${index % 20}`, 1000 + index, { minutes: [130], lastsMs: 50, refused: 1 }),
  );

  test('is one finding however much it touches', () => {
    expect(drift(scan)).toMatchObject([
      {
        kind: 'fan-out',
        title: 'Fan-out: shop/cart[Deployment] tried 20 destinations on 40 ports within a minute',
        conversations: 40,
      },
    ]);
  });

  test('does not hide the one connection that went on, and makes it worse', () => {
    const move = edge('shop/cart', 'data/orders', 5432, { minutes: [131, 132, 134] });
    const kinds = drift([...scan, move]).map(({ kind, severity }) => `${severity} ${kind}`);
    expect(kinds).toEqual(['high new-edge', 'medium fan-out']);
  });

  test('an outside host that answered during a scan is a finding of its own', () => {
    const home = edge('shop/cart', cidr('198.51.100.6/32'), 4444, { minutes: [130], lastsMs: 10 });
    expect(drift([...scan, home]).map(({ kind }) => kind)).toEqual(['new-edge', 'fan-out']);
  });

  test('so many ports that they were folded are a scan too, however long it took', () => {
    const folded = edge('shop/cart', 'shop/vm', 'many', { minutes: [130, 140, 150] });
    expect(drift([folded])).toMatchObject([{ kind: 'fan-out' }]);
  });

  test('that policy stopped matters less than one that was answered', () => {
    const denied = scan.map((each, index) =>
      edge(each.from, each.to, 1000 + index, { minutes: [130], deniedMinutes: [130], lastsMs: 50 }),
    );
    const answered = scan.map((each, index) =>
      edge(each.from, each.to, 1000 + index, { minutes: [130], lastsMs: 50 }),
    );
    expect([drift(denied)[0]?.severity, drift(answered)[0]?.severity]).toEqual(['low', 'high']);
  });

  test('the same id names the scan while it grows', () => {
    expect(drift(scan)[0]?.id).toBe(drift(scan.slice(0, 15))[0]?.id);
  });

  test('a few new edges are no scan', () => {
    expect(drift(scan.slice(0, 9)).map(({ kind }) => kind)).toEqual(
      Array.from({ length: 9 }, () => 'new-edge'),
    );
  });
});

describe('silence', () => {
  const stopped = edge('shop/cart', 'shop/mail', 25, { minutes: every(2, 0, 110) });

  test('an edge that is quiet for longer than its rhythm explains has gone silent', () => {
    const known = [habit, stopped];
    expect(drift([], { known })).toMatchObject([
      { kind: 'gone-silent', severity: 'low', edge: stopped.key, lastSeenAt: stopped.lastSeenAt },
    ]);
    expect(drift([], { known })[0]?.explanation).toMatch(/itself was seen since.*no evidence of absence/);
  });

  test('a job that runs every half hour is not silent between two runs', () => {
    const job = edge('shop/job', 'shop/mail', 25, { minutes: [0, 1, 30, 31, 60, 61, 90, 91] });
    expect(drift([], { known: [habit, job] })).toEqual([]);
  });

  test('an edge seen a few times has no rhythm and can not go silent', () => {
    expect(drift([], { known: [habit, edge('shop/a', 'shop/b', 80, { minutes: [0, 1, 2] })] })).toEqual([]);
  });

  test.each([
    ['a node is silent', { silentNodes: ['node-2'] }, /No flows come from node-2/],
    ['events were lost', { lostEvents: 500n }, /lost 500 events/],
  ])('where %s it is no more than information, and says why', (_name, more, words) => {
    const [finding] = drift([], { known: [habit, stopped], coverage: coverage(NOW, more) });
    expect(finding).toMatchObject({ kind: 'gone-silent', severity: 'info' });
    expect(finding?.explanation).toMatch(words);
  });

  test('an edge that lives on under a folded name is not silent', () => {
    const folded = edge('shop/cart', 'shop/mail', 'many', { minutes: steady });
    expect(drift([folded], { known: [habit, stopped] }).map(({ kind }) => kind)).not.toContain('gone-silent');
  });
});
