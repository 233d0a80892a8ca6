import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MINUTE_MS } from '#core/flow/time.ts';
import type { Edge } from '#core/graph/edge.ts';
import { propose } from '#core/policy/generate/propose.ts';
import type { HoldOut, HoldOutTally } from '#core/policy/holdout/hold-out.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import { baselineOf, type FixtureWorkload, sha256, WINDOW } from '../support/baseline-fixture.ts';
import { anyEdgePlans, anyWorkloads, edgesOf, PLAIN_WORKLOADS } from './propose-arbitraries.ts';

const RUNS = { numRuns: 80 };

/** Minutes of the hour in which each edge was seen; the cut of a fifth is at minute 48. */
const anyMinutes = fc.array(fc.uniqueArray(fc.nat(59), { minLength: 1, maxLength: 8, size: 'max' }), {
  minLength: 12,
  maxLength: 12,
  size: 'max',
});

const inMinutes = (edge: Edge, minutes: readonly number[]): Edge => {
  const times = minutes.toSorted((a, b) => a - b).map((minute) => WINDOW.from + minute * MINUTE_MS);
  const [first = WINDOW.from, last = first] = [times[0], times.at(-1)];
  const total = times.length;
  return {
    ...edge,
    minutes: new Map(times.map((at) => [at, { conversations: 1, denied: 0 }])),
    conversations: { ...edge.conversations, total },
    outcomes: { ...edge.outcomes, forwarded: total },
    firstSeenAt: first,
    lastSeenAt: last + MINUTE_MS - 1,
    addresses: new Map(
      [...edge.addresses].map(([ip, each]) => [ip, { ...each, firstSeenAt: first, lastSeenAt: last }]),
    ),
  };
};

const timed = (edges: readonly Edge[], minutes: readonly (readonly number[])[]): readonly Edge[] =>
  edges.map((edge, index) => inMinutes(edge, minutes[index % minutes.length] ?? [0]));

function holdOutOf(workloads: readonly FixtureWorkload[], edges: readonly Edge[], holdOut = 0.2): HoldOut {
  const options = { toolVersion: '0', profile: CILIUM_PROFILE, hash: sha256, holdOut };
  const proposal = propose(baselineOf({ workloads, edges }), options);
  if (proposal.holdOut === undefined) throw new Error('no hold-out');
  return proposal.holdOut;
}

const sum = (tallies: readonly HoldOutTally[]): HoldOutTally => ({
  edges: tallies.reduce((all, { edges }) => all + edges, 0),
  conversations: tallies.reduce((all, { conversations }) => all + conversations, 0),
});

describe('a hold-out', () => {
  test('accounts for every conversation of the rest, once', () => {
    fc.assert(
      fc.property(anyWorkloads, anyEdgePlans, anyMinutes, (workloads, plans, minutes) => {
        const edges = timed(edgesOf(plans, workloads), minutes);
        const holdOut = holdOutOf(workloads, edges);
        if (holdOut.outcome !== 'judged') return;
        const { cutAt, admitted, lost, standing, unjudged, rejected, kinds, untested } = holdOut;
        const rest = edges.map((edge) => [...edge.minutes.keys()].filter((at) => at >= cutAt).length);
        const seen = rest.filter((count) => count > 0);
        expect(sum([admitted, lost, standing, unjudged, rejected])).toEqual({
          edges: seen.length,
          conversations: seen.reduce((all, count) => all + count, 0),
        });
        expect(sum(kinds)).toEqual(sum([lost, standing]));
        expect(untested).toBe(rest.length - seen.length);
      }),
      RUNS,
    );
  });

  test('loses nothing inside the cluster that was seen before the cut and may carry a rule', () => {
    fc.assert(
      fc.property(anyEdgePlans, anyMinutes, (plans, minutes) => {
        const both = minutes.map((own) => [...new Set([0, 1, 2, ...own, 50])]);
        const holdOut = holdOutOf(PLAIN_WORKLOADS, timed(edgesOf(plans, PLAIN_WORKLOADS), both));
        expect(holdOut).toMatchObject({ outcome: 'judged', lost: { edges: 0 }, rate: 0 });
      }),
      RUNS,
    );
  });

  test('loses every edge inside the cluster that is new after the cut, when default deny closes its ends', () => {
    fc.assert(
      fc.property(anyEdgePlans, (plans) => {
        const edges = edgesOf(plans, PLAIN_WORKLOADS).filter(
          ({ from, to, protocol }) =>
            from.kind === 'workload' && to.kind === 'workload' && from.id !== to.id && protocol !== 'ICMPv4',
        );
        const [first, ...others] = edges;
        fc.pre(first !== undefined && others.length > 0);
        const known = [first as Edge, ...others.slice(1)].map((edge) => inMinutes(edge, [0, 1, 2, 50]));
        const fresh = inMinutes(others[0] as Edge, [51, 52]);
        const { rows, lost, admitted } = holdOutOf(PLAIN_WORKLOADS, [...known, fresh]);
        // What is declared beside DNS may already let the other half of it through.
        const isDeclared = fresh.port === 53;
        if (!isDeclared) expect(rows.map(({ line }) => line)).toHaveLength(1);
        expect(lost.edges + admitted.edges).toBe(known.length + 1);
      }),
      RUNS,
    );
  });

  test('is the same, byte for byte, in whatever order the edges and pods were met', () => {
    fc.assert(
      fc.property(anyWorkloads, anyEdgePlans, anyMinutes, (workloads, plans, minutes) => {
        const edges = timed(edgesOf(plans, workloads), minutes);
        const one = holdOutOf(workloads, edges);
        expect(JSON.stringify(holdOutOf([...workloads].reverse(), [...edges].reverse()))).toBe(
          JSON.stringify(one),
        );
      }),
      RUNS,
    );
  });
});
