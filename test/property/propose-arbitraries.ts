import fc from 'fast-check';
import type { Edge } from '#core/graph/edge.ts';
import type { Entity, Peer } from '#core/identity/peer.ts';
import { cidr, edge, entity, type FixtureWorkload, fqdn, workload } from '../support/baseline-fixture.ts';

const NAMES = [
  'shop/web',
  'shop/cart',
  'shop/db',
  'kube-system/coredns',
  'monitor/prom',
  'shop/worker',
] as const;

/** Label sets that meet: an application's name may be shared, a version or tier tells apart or does not. */
const anyLabels = (name: string) =>
  fc.record(
    {
      app: fc.constantFrom(name.split('/')[1] ?? '', 'shared'),
      'app.kubernetes.io/name': fc.constantFrom('x', 'y'),
      version: fc.constantFrom('v1', 'v2'),
      tier: fc.constantFrom('front', 'back'),
      'pod-template-hash': fc.constantFrom('abc', 'def'),
    },
    { requiredKeys: ['app'] },
  );

/** Everybody of a small cluster, each with one to three pods. */
export const anyWorkloads: fc.Arbitrary<readonly FixtureWorkload[]> = fc.tuple(
  ...NAMES.map((name) =>
    fc
      .array(anyLabels(name), { minLength: 1, maxLength: 3 })
      .map((labels) => workload(name, { labels: labels as readonly Record<string, string>[] })),
  ),
);

/** Everybody of a small cluster, told apart by one label each. */
export const PLAIN_WORKLOADS: readonly FixtureWorkload[] = NAMES.map((name) => workload(name));

const anyAddresses = fc.uniqueArray(
  fc.constantFrom('203.0.113.1', '203.0.113.2', '198.51.100.7', '2001:db8::1'),
  {
    minLength: 1,
    maxLength: 3,
  },
);

const anyOutside: fc.Arbitrary<Peer> = fc.oneof(
  fc.constantFrom(fqdn('api.example'), fqdn('cdn.example')),
  fc.constantFrom<Entity>('host', 'remote-node', 'kube-apiserver', 'ingress').map(entity),
  fc.constant(cidr('203.0.113.1/32')),
);

/** What of an edge is left to chance: indexes of its ends and the rest. */
export const anyEdgePlan = fc.record({
  from: fc.nat(5),
  to: fc.nat(5),
  outside: fc.option(fc.record({ peer: anyOutside, isClient: fc.boolean(), addresses: anyAddresses })),
  protocol: fc.constantFrom('TCP' as const, 'UDP' as const, 'SCTP' as const, 'ICMPv4' as const),
  port: fc.constantFrom(53, 80, 443, 5432, 8080),
  conversations: fc.integer({ min: 1, max: 30 }),
});

type EdgePlan = typeof anyEdgePlan extends fc.Arbitrary<infer Plan> ? Plan : never;

/** The edges of these plans among these workloads, one for each key. */
export function edgesOf(plans: readonly EdgePlan[], workloads: readonly FixtureWorkload[]): readonly Edge[] {
  const edges = plans.map((plan) => {
    const [a, b] = [workloads[plan.from], workloads[plan.to]];
    if (a === undefined || b === undefined) throw new Error('no such workload');
    const { protocol, conversations, outside } = plan;
    const port = protocol === 'ICMPv4' ? ('none' as const) : plan.port;
    const parts = { protocol, port, conversations };
    if (outside === null) return edge(a, b, parts);
    const addresses =
      outside.peer.kind === 'cidr' ? [outside.peer.cidr.replace('/32', '')] : outside.addresses;
    return outside.isClient
      ? edge(outside.peer, b, { ...parts, addresses })
      : edge(a, outside.peer, { ...parts, addresses });
  });
  return [...new Map(edges.map((each) => [each.key, each])).values()];
}

export const anyEdgePlans = fc.array(anyEdgePlan, { minLength: 1, maxLength: 12 });
