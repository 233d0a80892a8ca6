import type { GraphEdge, GraphNode, GraphSnapshot } from '#contract/graph.ts';
import { FIXTURE_FROM, FIXTURE_NOW, fixtureMinutes, shopTrust, TRAINED_UNTIL } from './page-fixture-shop.ts';

/** Numbers from 0 to 1 that are the same in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const TEAMS = ['checkout', 'search', 'identity', 'billing', 'media', 'ads', 'logistics', 'platform'];
const PARTS = [
  'api',
  'worker',
  'gateway',
  'store',
  'indexer',
  'scheduler',
  'a-rather-long-name-of-a-service',
  'cache',
];

/** `count` workloads in 12 namespaces, the first of them holding a third, and about four edges each. */
export function crowdSnapshot(count = 300): GraphSnapshot {
  const random = numbers(7);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T; // never empty here
  const nodes = Array.from({ length: count }, (_, i): GraphNode => {
    const namespace = i % 3 === 0 ? 'team-checkout' : `team-${TEAMS[i % TEAMS.length]}-${i % 2}`;
    const label = `${pick(TEAMS)}-${pick(PARTS)}-${i}`;
    return {
      id: `workload:big/${namespace}/Deployment/${label}`,
      kind: 'workload',
      label,
      cluster: 'big',
      namespace,
      workloadKind: 'Deployment',
      pods: 3,
      isolation: 'both',
      openFindings: i % 97 === 5 ? 1 : 0,
    };
  });
  const outside = Array.from({ length: 40 }, (_, i): GraphNode => {
    const id = i < 20 ? `fqdn:service-${i}.example` : `cidr:198.51.100.${i}/32`;
    return {
      id,
      kind: i < 20 ? 'fqdn' : 'cidr',
      label: id.slice(5),
      pods: 0,
      isolation: 'none',
      openFindings: 0,
    };
  });
  const all = [...nodes, ...outside];
  const edges = Array.from({ length: count * 4 }, (_, i): GraphEdge => {
    const from = pick(nodes);
    const to = random() < 0.1 ? pick(outside) : pick(all.slice(0, count));
    const port = pick([80, 443, 8080, 5432, 6379, 9090]);
    const denied = random() < 0.02 ? 4 : 0;
    return {
      id: i,
      key: `${from.id}>${to.id}|TCP|${port}|${i}`,
      from: from.id,
      to: to.id,
      protocol: 'TCP',
      port,
      conversations: 1 + Math.floor(random() * 900),
      denied,
      audited: 0,
      refused: 0,
      ratePerMinute: random() * 30,
      firstSeenAt: FIXTURE_FROM + Math.floor(random() ** 3 * 7_000_000),
      lastSeenAt: FIXTURE_NOW - Math.floor(random() * 60_000),
      state: random() < 0.03 ? 'new' : 'known',
      admitted: 'admitted',
      findings: 0,
    };
  });
  return {
    seq: 1,
    now: FIXTURE_NOW,
    mode: 'file',
    span: { from: FIXTURE_FROM, until: FIXTURE_NOW },
    title: 'events-2026-03-03.log.gz and 11 more',
    trainingWindow: { from: FIXTURE_FROM, until: TRAINED_UNTIL },
    nodes: all,
    edges,
    minutes: fixtureMinutes(9400),
    trust: { ...shopTrust, undecidedShare: 0.031, badLines: 1200, silentNodes: ['worker-7'], sources: 12 },
  };
}
