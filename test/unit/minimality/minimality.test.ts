import { describe, expect, test } from 'vitest';
import type { Edge } from '#core/graph/edge.ts';
import { propose } from '#core/policy/generate/propose.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import { foolingSetSize } from '#core/policy/minimality/fooling-set.ts';
import {
  baselineOf,
  cidr,
  edge,
  type FixtureWorkload,
  fqdn,
  sha256,
  workload,
} from '../../support/baseline-fixture.ts';

function minimalityOf(workloads: readonly FixtureWorkload[], edges: readonly Edge[]) {
  const proposal = propose(baselineOf({ workloads, edges }), {
    toolVersion: '0',
    profile: CILIUM_PROFILE,
    hash: sha256,
    holdOut: 0,
  });
  const { minimality } = proposal.certificate;
  if (minimality === undefined) throw new Error('no minimality');
  return { proposal, minimality };
}

describe('the lower bound on rules', () => {
  const table = (rows: Readonly<Record<string, string>>) =>
    new Map(Object.entries(rows).map(([row, columns]) => [row, new Set(columns.split(''))]));

  test('is one for a table that is one rectangle, and nothing for an empty one', () => {
    expect(foolingSetSize(table({ a: 'xy', b: 'xy' }), table({ a: 'xy', b: 'xy' }))).toBe(1);
    expect(foolingSetSize(new Map(), new Map())).toBe(0);
  });

  test('counts every row of a diagonal', () => {
    const diagonal = table({ a: 'x', b: 'y', c: 'z' });
    expect(foolingSetSize(diagonal, diagonal)).toBe(3);
  });

  test('only asks for what must pass: what may pass as well makes it easier', () => {
    expect(foolingSetSize(table({ a: 'xy', b: 'xy' }), table({ a: 'x', b: 'y' }))).toBe(1);
  });
});

describe('what a rule is needed for', () => {
  const [web, api, db] = [workload('shop/web'), workload('shop/api'), workload('shop/db')];

  test('is each conversation that no other rule lets through', () => {
    const { minimality } = minimalityOf(
      [web, api, db],
      [edge(web, db, { conversations: 7 }), edge(api, db, { conversations: 5 }), edge(web, api, { port: 9 })],
    );
    const counts = minimality.rules.map(({ rule, edges, conversations }) => [
      rule.replace(/-[0-9a-f]+ /, ' '),
      edges,
      conversations,
    ]);
    expect(counts).toEqual([
      ['shop/api egress[0]', 1, 5],
      ['shop/api ingress[0]', 1, 20],
      ['shop/db ingress[0]', 2, 12],
      ['shop/web egress[0]', 1, 20],
      ['shop/web egress[1]', 1, 7],
    ]);
    expect(minimality).toMatchObject({ redundant: 0, ruleCount: 5, atLeast: 5, above: [] });
  });

  test('makes a rule go whose addresses another rule of the policy lets through, and keeps its reason', () => {
    const address = '203.0.113.7';
    const edges = [
      edge(web, fqdn('api.pay.example'), { port: 443, addresses: [address] }),
      edge(web, cidr(`${address}/32`), { port: 443, addresses: [address] }),
    ];
    const { proposal, minimality } = minimalityOf([web], edges);
    expect(minimality).toMatchObject({ redundant: 0, ruleCount: 1 });
    const [reason] = proposal.policies[0]?.reasons ?? [];
    expect(reason?.edges).toEqual(edges.map(({ key }) => key).sort());
    expect(reason?.comment).toMatch(/^to .* on TCP 443; covers to .* on TCP 443$/);
    expect(proposal.certificate.totals).toMatchObject({ admittedEdges: 2, extras: 0 });
  });

  test('is nothing alone for two workloads that share their labels, and each names the other', () => {
    const twins = ['a', 'b'].map((name) => workload(`shop/${name}`, { labels: [{ app: 'twin' }] }));
    const { proposal, minimality } = minimalityOf(
      [...twins, db],
      twins.map((twin) => edge(twin, db)),
    );
    const spare = minimality.rules.filter(({ conversations }) => conversations === 0);
    expect(spare.map(({ rule, backedBy }) => [rule, ...backedBy])).toEqual([
      [expect.stringContaining('shop/a-'), expect.stringContaining('shop/b-')],
      [expect.stringContaining('shop/b-'), expect.stringContaining('shop/a-')],
    ]);
    const warned = proposal.policies.flatMap(({ warnings }) => warnings.map(({ code }) => code));
    expect(warned).toContain('selector-collision');
  });
});
