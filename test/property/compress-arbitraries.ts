import fc from 'fast-check';
import type { Edge } from '#core/graph/edge.ts';
import { edge, type FixtureWorkload, workload } from '../support/baseline-fixture.ts';

/** Three teams with an agent and a gateway each, alike but for their namespace, and a shop whose parts share a tier. */
export const TEAM_WORKLOADS: readonly FixtureWorkload[] = [
  ...['red', 'green', 'blue'].flatMap((team) =>
    ['agent', 'gateway'].map((name) =>
      workload(`${team}/${name}`, { labels: [{ app: name, tier: 'edge' }] }),
    ),
  ),
  ...['web', 'api', 'jobs', 'db'].map((name) =>
    workload(`shop/${name}`, { labels: [{ app: name, tier: name === 'db' ? 'data' : 'front' }] }),
  ),
];

const anyTeamEdge = fc.record({
  from: fc.nat(TEAM_WORKLOADS.length - 1),
  to: fc.nat(TEAM_WORKLOADS.length - 1),
  port: fc.integer({ min: 8000, max: 8006 }),
  protocol: fc.constantFrom('TCP' as const, 'TCP' as const, 'UDP' as const),
});

/** Edges among the teams on few neighbouring ports, so that peers, ports and namespaces meet in every way. */
export const anyTeamEdges: fc.Arbitrary<readonly Edge[]> = fc
  .array(anyTeamEdge, { minLength: 1, maxLength: 90, size: 'max' })
  .map((plans) => {
    const edges = plans.map(({ from, to, port, protocol }) => {
      const [a, b] = [TEAM_WORKLOADS[from], TEAM_WORKLOADS[to]];
      if (a === undefined || b === undefined) throw new Error('no such workload');
      return edge(a, b, { port, protocol });
    });
    return [...new Map(edges.map((each) => [each.key, each])).values()];
  });

/** A table of rows and columns, few of each. */
export const anyRelation = fc.array(
  fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 4 }),
  { minLength: 1, maxLength: 5 },
);
