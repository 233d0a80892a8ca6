import fc from 'fast-check';
import { DIRECTION_PROOFS, type DirectionProof } from '#core/flow/direction.ts';
import { FLOW_KINDS, type Flow, type FlowEndpoint, PROTOCOLS, VERDICTS } from '#core/flow/flow.ts';
import { MINUTE_MS } from '#core/flow/time.ts';
import { EDGE_LIMITS, type Edge, type EdgeEnds, edgeKey, OUTCOMES } from '#core/graph/edge.ts';
import type { DnsName } from '#core/identity/names.ts';
import { ENTITIES, type Peer } from '#core/identity/peer.ts';
import { recordOf } from '#core/record.ts';
import { START } from '../support/flows.ts';
import { workload } from '../unit/baseline/some-edge.ts';

/** A record as programs make it; fast-check's own may have no prototype, which strict equality minds. */
const plain = <T>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;

/** Any text an attacker may have written, names of object properties among them. */
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('__proto__', 'constructor', 'toString', '', '\u0085', '{{x}}', '1e3', 'true'),
);
const anyCount = fc.nat(1_000_000);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const anyMapOf = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Map<string, T>> =>
  fc.array(fc.tuple(anyText, value), { maxLength: 4 }).map((rows) => new Map(rows));

const anyPolicy = plain({ kind: anyText, namespace: anyText, name: anyText });

const anyEndpoint: fc.Arbitrary<FlowEndpoint> = plain({
  ip: maybe(anyText),
  port: maybe(fc.nat(65_535)),
  identity: maybe(anyCount),
  cluster: maybe(anyText),
  namespace: maybe(anyText),
  pod: maybe(anyText),
  workloads: fc.array(plain({ name: anyText, kind: anyText }), { maxLength: 2 }),
  labels: anyMapOf(anyText),
  namespaceLabels: anyMapOf(anyText),
  entities: fc.subarray([...ENTITIES]),
  names: fc.array(anyText, { maxLength: 2 }),
});

const anyFlag = fc.boolean();

const anyL7 = fc.oneof(
  plain({ kind: fc.constant('sample' as const) }),
  plain({
    kind: fc.constant('request' as const),
    http: plain({ method: anyText, path: anyText, code: maybe(anyCount) }),
  }),
  plain({
    kind: fc.constant('response' as const),
    dns: plain({ query: anyText, ips: fc.array(anyText, { maxLength: 2 }), rcode: fc.nat(15) }),
  }),
);

export const anyFlow: fc.Arbitrary<Flow> = plain({
  at: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  atNanos: fc.nat(999_999),
  uuid: maybe(anyText),
  node: maybe(anyText),
  kind: fc.constantFrom(...FLOW_KINDS),
  verdict: fc.constantFrom(...VERDICTS),
  dropReason: maybe(anyText),
  protocol: fc.constantFrom(...PROTOCOLS),
  source: anyEndpoint,
  destination: anyEndpoint,
  tcpFlags: maybe(plain({ syn: anyFlag, ack: anyFlag, rst: anyFlag, fin: anyFlag })),
  icmpType: maybe(fc.nat(255)),
  reply: fc.constantFrom('request', 'reply', 'unknown'),
  direction: fc.constantFrom('ingress', 'egress', 'unknown'),
  isNew: anyFlag,
  l7: maybe(anyL7),
  service: maybe(plain({ namespace: anyText, name: anyText })),
  allowedBy: fc.array(anyPolicy, { maxLength: 2 }),
  deniedBy: fc.array(anyPolicy, { maxLength: 2 }),
  count: anyCount,
  isAggregate: anyFlag,
});

const WORKLOADS = ['shop/cart', 'shop/web', 'data/db', 'mail/smtp'] as const;

export const anyPeer: fc.Arbitrary<Peer> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...WORKLOADS).map((text): Peer => workload(text)) },
  fc.constantFrom(...ENTITIES).map((entity): Peer => ({ kind: 'entity', entity })),
  fc.nat(255).map((host): Peer => ({ kind: 'cidr', cidr: `198.51.100.${host}/32` })),
  fc.constant<Peer>({ kind: 'cidr', cidr: '2001:db8::/64' }),
  fc
    .constantFrom('api.example.com', '_dns.example')
    .map((name): Peer => ({ kind: 'fqdn', name: name as DnsName })),
  fc.constant<Peer>({ kind: 'other-external' }),
);

const anyEnds: fc.Arbitrary<EdgeEnds> = plain({
  from: anyPeer,
  to: anyPeer,
  protocol: fc.constantFrom(...PROTOCOLS),
  port: fc.oneof(fc.nat(65_535), fc.constantFrom('none' as const, 'many' as const)),
});

const anyMinutes = fc
  .uniqueArray(fc.nat(240), { minLength: 1, maxLength: 20 })
  .chain((minutes) =>
    fc.tuple(
      ...minutes.map((minute) =>
        fc
          .record({ conversations: fc.integer({ min: 1, max: 9 }), isDenied: anyFlag })
          .map(
            ({ conversations, isDenied }) =>
              [START + minute * MINUTE_MS, { conversations, denied: isDenied ? conversations : 0 }] as const,
          ),
      ),
    ),
  )
  .map((rows) => new Map(rows));

const anyAddress = fc
  .nat(255)
  .map((host) => ({ ip: `198.51.100.${host}`, firstSeenAt: START, lastSeenAt: START + 5 }));

/** An edge with anything in it that an edge may hold, within four hours from START. */
export const anyEdge: fc.Arbitrary<Edge> = fc
  .record({
    ends: anyEnds,
    minutes: anyMinutes,
    conversations: plain({
      total: anyCount,
      opened: anyCount,
      answered: anyCount,
      refused: anyCount,
      proxyLegs: anyCount,
      atSource: anyCount,
      atDestination: anyCount,
    }),
    passedAs: fc.constantFrom('forwarded' as const, 'redirected' as const, 'audited' as const),
    proofs: plain(recordOf(DIRECTION_PROOFS, () => anyCount)) as fc.Arbitrary<Record<DirectionProof, number>>,
    fromPods: fc.array(anyText, { maxLength: 3 }),
    toPods: fc.array(anyText, { maxLength: 3 }),
    addresses: fc.array(anyAddress, { maxLength: 3 }),
    names: fc.subarray(['a.example', 'b.example']),
    l7: plain({ methods: anyMapOf(anyCount), paths: anyMapOf(anyCount), dnsNames: anyMapOf(anyCount) }),
    allowedBy: anyMapOf(anyPolicy),
    deniedBy: anyMapOf(anyPolicy),
    services: fc.array(anyText, { maxLength: 2 }),
    sample: anyFlow,
    aggregated: anyCount,
    truncated: fc.subarray(Object.keys(EDGE_LIMITS) as (keyof typeof EDGE_LIMITS)[]),
  })
  .map(({ ends, passedAs, ...rest }) => {
    const starts = [...rest.minutes.keys()];
    const counts = [...rest.minutes.values()];
    const denied = counts.reduce((sum, count) => sum + count.denied, 0);
    const passed = counts.reduce((sum, count) => sum + count.conversations, 0) - denied;
    return {
      ...rest,
      ...ends,
      outcomes: { ...recordOf(OUTCOMES, () => 0), [passedAs]: passed, denied },
      key: edgeKey(ends),
      firstSeenAt: Math.min(...starts) + 1000,
      lastSeenAt: Math.max(...starts) + 2000,
      fromPods: new Set(rest.fromPods),
      toPods: new Set(rest.toPods),
      addresses: new Map(rest.addresses.map((address) => [address.ip, address])),
      names: new Set(rest.names as DnsName[]),
      services: new Set(rest.services),
      truncated: new Set(rest.truncated),
    };
  });

/** A few edges, each pair of ends once. */
export const anyEdges: fc.Arbitrary<Edge[]> = fc.uniqueArray(anyEdge, {
  maxLength: 8,
  selector: (edge) => edge.key,
});
