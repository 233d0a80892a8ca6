import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Edge } from '#core/graph/edge.ts';
import { decodeCertificate } from '#core/policy/certify/certificate-codec.ts';
import { recheck } from '#core/policy/certify/recheck.ts';
import { rectanglesByEqualRows, rectanglesOf } from '#core/policy/generate/compress/rectangles.ts';
import { propose } from '#core/policy/generate/propose.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import { foolingSetSize } from '#core/policy/minimality/fooling-set.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import { baselineOf, decided, sha256 } from '../support/baseline-fixture.ts';
import { anyRelation, anyTeamEdges, TEAM_WORKLOADS } from './compress-arbitraries.ts';

const RUNS = { numRuns: 150 };

interface Asked {
  readonly maxExtra?: number;
  readonly rejected?: readonly Edge[];
}

const proposeFor = (edges: readonly Edge[], { maxExtra = 0, rejected = [] }: Asked = {}): Proposal =>
  propose(
    baselineOf({
      workloads: TEAM_WORKLOADS,
      edges: [...edges, ...rejected.map((each) => decided(each, 'rejected'))],
    }),
    { toolVersion: '0', profile: CILIUM_PROFILE, hash: sha256, maxExtra, holdOut: 0 },
  );

const warningsOf = ({ warnings }: Proposal): readonly string[] => warnings.map(({ code }) => code);

const minimalityOf = ({ certificate }: Proposal) => {
  if (certificate.minimality === undefined) throw new Error('no minimality');
  return certificate.minimality;
};

/** Rules and peers of all policies. */
const clauses = ({ policies }: Proposal): number =>
  policies
    .flatMap(({ policy: { spec } }) => [
      ...(spec.ingress ?? []).map(({ from }) => from),
      ...(spec.egress ?? []).map(({ to }) => to),
    ])
    .reduce((sum, peers) => sum + 1 + (peers?.length ?? 0), 0);

const cellsOf = (relation: readonly (readonly string[])[]) =>
  new Set(relation.flatMap((columns, row) => columns.map((column) => `${row}${column}`)));

/** The least number of rectangles by trying: all unions of maximal ones, smallest first. */
function leastCover(relation: readonly ReadonlySet<string>[]): number {
  const columns = ['a', 'b', 'c', 'd'];
  const rectangles = Array.from({ length: 2 ** columns.length - 1 }, (_, index) => {
    const own = columns.filter((_each, bit) => ((index + 1) >> bit) & 1);
    const rows = [...relation.keys()].filter((row) => own.every((column) => relation[row]?.has(column)));
    return new Set(rows.flatMap((row) => own.map((column) => `${row}${column}`)));
  });
  const all = cellsOf(relation.map((each) => [...each]));
  const covers = (left: ReadonlySet<string>, budget: number): boolean => {
    const [next] = left;
    if (next === undefined) return true;
    if (budget === 0) return false;
    return rectangles
      .filter((rectangle) => rectangle.has(next))
      .some((rectangle) => covers(new Set([...left].filter((cell) => !rectangle.has(cell))), budget - 1));
  };
  let least = 0;
  while (!covers(all, least)) least += 1;
  return least;
}

describe('rectangles', () => {
  test('cover every cell of a table and no other, never with more of them than sets of equal rows', () => {
    fc.assert(
      fc.property(anyRelation, (rows) => {
        const relation = rows.map((row) => new Set(row));
        const found = rectanglesOf(relation);
        const covered = found.flatMap((each) =>
          each.rows.flatMap((row) => each.columns.map((column) => `${row}${column}`)),
        );
        expect(new Set(covered)).toEqual(cellsOf(rows));
        expect(found.length).toBeLessThanOrEqual(rectanglesByEqualRows(relation).length);
      }),
      { numRuns: 1000 },
    );
  });

  test('are never fewer than the bound says, and the bound is never above the least there can be', () => {
    fc.assert(
      fc.property(anyRelation, (rows) => {
        const relation = rows.map((row) => new Set(row));
        const table = new Map(relation.map((columns, row) => [`${row}`, columns]));
        const least = leastCover(relation);
        expect(foolingSetSize(table, table)).toBeLessThanOrEqual(least);
        expect(rectanglesOf(relation).length).toBeGreaterThanOrEqual(least);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a compressed proposal', () => {
  test('admits what was seen and nothing else, in a form that was shown to be the same', () => {
    fc.assert(
      fc.property(anyTeamEdges, (edges) => {
        const proposal = proposeFor(edges);
        expect(proposal.certificate.totals).toMatchObject({ coverage: 1, admittedEdges: edges.length });
        expect(proposal.certificate.extras).toEqual([]);
        expect(warningsOf(proposal)).not.toContain('compression-refused');
      }),
      RUNS,
    );
  });

  test('names under each rule exactly the edges that it lets through, and each edge under some rule', () => {
    fc.assert(
      fc.property(anyTeamEdges, (edges) => {
        const { policies } = proposeFor(edges);
        const named = policies.flatMap(({ reasons }) => reasons.flatMap((reason) => reason.edges));
        expect(new Set(named)).toEqual(new Set(edges.map(({ key }) => key)));
        for (const { policy, reasons } of policies) {
          const rules = { ingress: policy.spec.ingress ?? [], egress: policy.spec.egress ?? [] };
          for (const direction of ['ingress', 'egress'] as const) {
            const indexes = reasons.filter((each) => each.direction === direction).map(({ index }) => index);
            expect(indexes).toEqual([...rules[direction].keys()]);
          }
        }
      }),
      RUNS,
    );
  });

  test('has no rule without which nothing breaks, and never fewer rules than the bound', () => {
    fc.assert(
      fc.property(anyTeamEdges, (edges) => {
        const { rules, redundant, ruleCount, atLeast, above } = minimalityOf(proposeFor(edges));
        expect(redundant).toBe(0);
        expect(rules.every((each) => each.edges > 0 && each.conversations > 0)).toBe(true);
        expect(ruleCount).toBeGreaterThanOrEqual(atLeast);
        expect(above.reduce((sum, each) => sum + each.rules - each.atLeast, 0)).toBe(ruleCount - atLeast);
      }),
      RUNS,
    );
  });
});

test('a certificate of an earlier version, which says nothing of minimality, can still be read', () => {
  const { minimality: _minimality, ...earlier } = proposeFor([]).certificate;
  const read = decodeCertificate(JSON.parse(JSON.stringify(earlier)));
  expect(read).toEqual({ ok: true, value: earlier });
});

describe('a budget of extras', () => {
  const anyBudget = fc.integer({ min: 1, max: 40 });

  test('is never overspent, admits nothing unnamed, and never makes the rules longer', () => {
    fc.assert(
      fc.property(anyTeamEdges, anyBudget, (edges, maxExtra) => {
        const proposal = proposeFor(edges, { maxExtra });
        const { budget, extras, totals } = proposal.certificate;
        const bought = extras.reduce((sum, { ports }) => sum + ports.to - ports.from + 1, 0);
        expect(extras.filter(({ kind }) => kind !== 'budgeted')).toEqual([]);
        expect(bought).toBeLessThanOrEqual(budget?.spent ?? 0);
        expect(budget?.spent).toBeLessThanOrEqual(maxExtra);
        expect(totals).toMatchObject({ coverage: 1, admittedEdges: edges.length });
        expect(clauses(proposal)).toBeLessThanOrEqual(clauses(proposeFor(edges)));
      }),
      RUNS,
    );
  });

  test('never buys what a person set aside', () => {
    fc.assert(
      fc.property(anyTeamEdges, anyTeamEdges, anyBudget, (edges, more, maxExtra) => {
        const known = new Set(edges.map(({ key }) => key));
        const rejected = more.filter(({ key }) => !known.has(key));
        const { certificate } = proposeFor(edges, { maxExtra, rejected });
        expect(certificate.conversations.filter((each) => each.admitted && !each.accepted)).toEqual([]);
      }),
      RUNS,
    );
  });

  test('leaves a certificate that can be read back and holds when it is checked again', () => {
    fc.assert(
      fc.property(anyTeamEdges, anyBudget, (edges, maxExtra) => {
        const proposal = proposeFor(edges, { maxExtra });
        const read = decodeCertificate(JSON.parse(JSON.stringify(proposal.certificate)));
        if (!read.ok) throw new Error(JSON.stringify(read.error));
        expect(read.value).toEqual(proposal.certificate);
        const all = [...proposal.policies, ...proposal.isolation];
        const policies = all.map(({ policy }, index) => ({ policy, file: `${index}` }));
        expect(recheck({ certificate: read.value, policies, hash: sha256 }).findings).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
