import { describe, expect, test } from 'vitest';
import type { Baseline } from '#core/baseline/baseline.ts';
import { toJson } from '#core/baseline/canonical-json.ts';
import { readJson } from '#core/baseline/json-reader.ts';
import { MINUTE_MS } from '#core/flow/time.ts';
import type { Edge } from '#core/graph/edge.ts';
import type { Peer } from '#core/identity/peer.ts';
import { propose } from '#core/policy/generate/propose.ts';
import type { HoldOut } from '#core/policy/holdout/hold-out.ts';
import { readHoldOut } from '#core/policy/holdout/hold-out-codec.ts';
import { splitOf } from '#core/policy/holdout/split.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import {
  baselineOf,
  cidr,
  decided,
  edge,
  entity,
  type FixtureWorkload,
  sha256,
  WINDOW,
  workload,
} from '../../support/baseline-fixture.ts';

const web = workload('shop/web');
const cart = workload('shop/cart');
const db = workload('shop/db');

/** The cut of a fifth of an hour. */
const CUT = WINDOW.from + 48 * MINUTE_MS;

/** The edge with one conversation in each of these minutes of the window. */
function inMinutes(of: Edge, minutes: readonly number[]): Edge {
  const times = minutes.map((minute) => WINDOW.from + minute * MINUTE_MS);
  const total = minutes.length;
  const [first = 0, last = first] = [times[0], times.at(-1)];
  return {
    ...of,
    minutes: new Map(times.map((at) => [at, { conversations: 1, denied: 0 }])),
    conversations: { ...of.conversations, total, opened: total, answered: total },
    outcomes: { ...of.outcomes, forwarded: total },
    firstSeenAt: first,
    lastSeenAt: last + MINUTE_MS - 1,
    addresses: new Map(
      [...of.addresses].map(([ip, address]) => [ip, { ...address, firstSeenAt: first, lastSeenAt: last }]),
    ),
  };
}

const range = (from: number, until: number): readonly number[] =>
  Array.from({ length: until - from }, (_, index) => from + index);

const always = range(0, 60);
const before = range(0, 48);
const after = range(50, 56);

const proposed = (baseline: Baseline, holdOut = 0.2) =>
  propose(baseline, { toolVersion: '0', profile: CILIUM_PROFILE, hash: sha256, holdOut });

function heldOut(
  edges: readonly (Edge | ReturnType<typeof decided>)[],
  workloads = [web, cart, db],
): HoldOut {
  const { holdOut } = proposed(baselineOf({ workloads, edges }));
  if (holdOut === undefined) throw new Error('no hold-out');
  return holdOut;
}

const steady = inMinutes(edge(web, cart), always);

describe('the cut', () => {
  test('is a full minute, a fifth of the data before its end', () => {
    expect(splitOf(baselineOf({ workloads: [], edges: [] }), 0.2)).toMatchObject({
      cutAt: CUT,
      isPossible: true,
    });
  });

  test('lies within what there is data for, not within the window that was asked for', () => {
    const baseline = baselineOf({ workloads: [], edges: [] });
    const span = { from: WINDOW.from + 20 * MINUTE_MS, until: WINDOW.from + 30 * MINUTE_MS - 1 };
    const cut = splitOf(
      { window: { from: 0, until: WINDOW.until }, coverage: { ...baseline.coverage, span } },
      0.2,
    );
    expect(cut.cutAt).toBe(WINDOW.from + 28 * MINUTE_MS);
  });

  test('needs a full minute on both sides', () => {
    const baseline = baselineOf({ workloads: [web, cart], edges: [steady] });
    const short = { ...baseline, window: { from: WINDOW.from, until: WINDOW.from + MINUTE_MS } };
    expect(proposed(short).holdOut).toMatchObject({ outcome: 'too-short', rate: 0, untested: 1 });
  });
});

describe('a hold-out', () => {
  test('loses nothing of what goes on as before', () => {
    expect(heldOut([steady])).toMatchObject({
      outcome: 'judged',
      cutAt: CUT,
      admitted: { edges: 1, conversations: 12 },
      lost: { edges: 0, conversations: 0 },
      rate: 0,
      rows: [],
      untested: 0,
    });
  });

  const late = (from: FixtureWorkload | Peer, to: FixtureWorkload | Peer, parts = {}): Edge =>
    inMinutes(edge(from, to, parts), after);

  test.each<[string, Edge, readonly Edge[], readonly FixtureWorkload[]]>([
    ['new-pair', late(db, web), [inMinutes(edge(cart, db), before)], [web, cart, db]],
    ['new-port', late(web, cart, { port: 9999 }), [], [web, cart, db]],
    ['new-outside', late(web, cidr('203.0.113.9/32'), { addresses: ['203.0.113.9'] }), [], [web, cart]],
    [
      'new-visitor',
      late(cidr('203.0.113.9/32'), web, { port: 443, addresses: ['203.0.113.9'] }),
      range(1, 6).map((host) =>
        inMinutes(
          edge(cidr(`203.0.113.${host}/32`), web, { port: 443, addresses: [`203.0.113.${host}`] }),
          before,
        ),
      ),
      [web, cart],
    ],
    ['not-expressible', late(web, entity('kube-apiserver'), { port: 6443 }), [], [web, cart]],
  ])('tells what was new about a loss: %s', (kind, loss, known, workloads) => {
    const { rows, kinds } = heldOut([steady, ...known, loss], [...workloads]);
    expect(rows).toMatchObject([{ kind, conversations: after.length, firstSeenAt: loss.firstSeenAt }]);
    expect(kinds).toEqual([{ kind, edges: 1, conversations: after.length }]);
  });

  test('tells a workload that came after the cut', () => {
    const [pod] = db.pods;
    if (pod === undefined) throw new Error('no pod');
    const newcomer = { ...db, pods: [{ ...pod, firstSeenAt: CUT + MINUTE_MS }] };
    const { rows } = heldOut([steady, late(cart, newcomer)], [web, cart, newcomer]);
    expect(rows).toMatchObject([{ kind: 'new-workload', line: expect.stringContaining('shop/db') }]);
  });

  test('tells pods whose labels changed after the cut', () => {
    const [pod] = web.pods;
    if (pod === undefined) throw new Error('no pod');
    const relabelled = {
      ...web,
      pods: [
        {
          ...pod,
          labels: new Map([
            ['app', 'web'],
            ['tier', 'x'],
          ]),
          lastSeenAt: CUT - 1,
        },
        {
          ...pod,
          labels: new Map([
            ['app', 'web-v2'],
            ['tier', 'x'],
          ]),
          firstSeenAt: CUT,
        },
      ],
    };
    const { rows } = heldOut([steady], [relabelled, cart]);
    expect(rows).toMatchObject([{ kind: 'new-labels', conversations: 12 }]);
  });

  test('does not hold against the policies what a person rejected', () => {
    const rejected = decided(late(web, db), 'rejected', { actor: 'ann' });
    expect(heldOut([steady, rejected])).toMatchObject({
      rejected: { edges: 1, conversations: after.length },
      lost: { edges: 0, conversations: 0 },
    });
  });

  test('sets apart what is held for review then and now', () => {
    const held = decided(inMinutes(edge(web, db), always), 'held');
    expect(heldOut([steady, held])).toMatchObject({
      standing: { edges: 1, conversations: 12 },
      rate: 0,
      rows: [{ kind: 'held' }],
    });
  });

  test('counts what was accepted before and never came again as untested', () => {
    const gone = inMinutes(edge(cart, db), before);
    expect(heldOut([steady, gone])).toMatchObject({ untested: 1, lost: { edges: 0 } });
  });

  test('knows an edge whose minutes were dropped to save memory by its first and last sight', () => {
    const forgotten = { ...edge(web, cart), minutes: new Map() };
    expect(heldOut([forgotten])).toMatchObject({ outcome: 'judged', admitted: { edges: 1 } });
  });

  test('has a rate: what was lost of what could be kept', () => {
    expect(heldOut([steady, late(web, db)])).toMatchObject({
      admitted: { conversations: 12 },
      lost: { edges: 1, conversations: 6 },
      rate: 6 / 18,
    });
  });

  test('is not made when it is turned off, and changes neither policies nor certificate', () => {
    const baseline = baselineOf({ workloads: [web, cart, db], edges: [steady, late(web, db)] });
    const [without, having] = [proposed(baseline, 0), proposed(baseline)];
    expect(without.holdOut).toBeUndefined();
    expect(without.id).toBe(having.id);
    expect(without.certificate).toEqual(having.certificate);
  });

  test('lists no more rows than it may, and counts the rest', () => {
    const many = range(0, 230).map((port) => late(web, cart, { port: 10_000 + port }));
    const { rows, rowsLeftOut, lost } = heldOut([steady, ...many]);
    expect([rows.length, rowsLeftOut, lost.edges]).toEqual([200, 30, 230]);
  });

  test('reads back as it was written', () => {
    const holdOut = heldOut([steady, late(web, db)]);
    const read = readJson(JSON.parse(JSON.stringify(toJson(holdOut))), readHoldOut);
    expect(read).toEqual({ ok: true, value: holdOut });
  });
});
