import fc from 'fast-check';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { Endpoint, World, WorldNamespace, WorldPod } from '#core/policy/world.ts';
import { anyConnection, anyPolicy } from './policy-literal-arbitraries.ts';

const NAMESPACES = ['a', 'b', 'default'] as const;
const KEYS = ['app', 'tier', 'team'] as const;
const VALUES = ['', 'x', 'y'] as const;
const NODES = ['node-1', 'node-2', undefined] as const;
const ADDRESSES = [
  '10.0.0.1',
  '10.0.0.130',
  '10.0.1.1',
  '203.0.113.7',
  '2001:db8::1',
  '2001:db9::1',
  '::ffff:10.0.0.1',
  'no address',
] as const;
const PORTS = [53, 80, 81, 8080] as const;
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;

const anyNamespace = fc.constantFrom(...NAMESPACES);
const anyAddress = fc.constantFrom(...ADDRESSES);
const anyLabels = fc
  .dictionary(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES))
  .map((labels) => Object.entries(labels));

const anyNamedPort = fc.record({
  name: fc.constantFrom('http', 'dns'),
  protocol: fc.constantFrom(...PROTOCOLS),
  port: fc.constantFrom(...PORTS),
});

/** The value about once in eight times. */
const seldom = <A, B>(value: A, usual: B): fc.Arbitrary<A | B> =>
  fc.nat({ max: 7 }).map((draw) => (draw === 7 ? value : usual));

/** A pod of few possible names, so that an update often meets one that is there. */
export const anyPod: fc.Arbitrary<WorldPod> = fc.record({
  namespace: anyNamespace,
  name: fc.constantFrom('p', 'q', 'r', 's'),
  labels: anyLabels,
  ips: fc.uniqueArray(anyAddress, { maxLength: 2 }),
  namedPorts: fc.array(anyNamedPort, { maxLength: 2 }),
  hostNetwork: seldom(true, false),
  node: fc.constantFrom(...NODES),
  phase: seldom('Succeeded', undefined),
  bare: seldom(true, undefined),
});

/** One of them is where some networks file their nodes. */
export const anyNamespaceLabels: fc.Arbitrary<WorldNamespace> = fc.record({
  name: fc.constantFrom(...NAMESPACES, 'openshift-host-network'),
  labels: anyLabels,
});

const JUNK: readonly unknown[] = [
  ...[null, undefined, 7, 'x', true, [], {}, [null], [7], [{}], [[]], { app: 7 }, { matchLabels: 7 }],
  ...[{ matchLabels: { app: 7 } }, { matchExpressions: {} }, { matchExpressions: [{ key: 'app' }] }],
  { matchExpressions: [{ key: 'no key', operator: 'DoesNotExist' }] },
  { matchExpressions: [{ key: 'app', operator: 'NotIn', values: [] }] },
  {
    matchLabels: { app: 'x' },
    matchExpressions: [{ key: 'tier', operator: 'Exists', values: ['x'] }],
  },
  ...[['Ingress'], ['ingress'], ['Egress', 7], { ipBlock: { cidr: '10.0.0.0' } }],
  { ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/8'] } },
  { ipBlock: { cidr: '::ffff:0:0/90', except: ['::ffff:10.0.0.0/104'] } },
  { ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} },
  ...[{ port: 0 }, { port: '80' }, { port: 80, endPort: 79 }, { port: 'http', endPort: 90 }, { endPort: 9 }],
  ...[{ protocol: 'ICMP' }, { protocol: null, port: 80 }, { port: 80.5 }],
];

const anyJunk = fc.constantFrom(...JUNK);

/** Places in a policy where something else may stand than belongs there. */
const DAMAGES: readonly ((junk: unknown) => object)[] = [
  (junk) => ({ podSelector: junk }),
  (junk) => ({ podSelector: { matchLabels: junk } }),
  (junk) => ({ podSelector: { matchExpressions: junk } }),
  (junk) => ({ policyTypes: junk }),
  (junk) => ({ policyTypes: ['Egress', junk] }),
  ...(['ingress', 'egress'] as const).flatMap((direction) => {
    const peers = direction === 'ingress' ? 'from' : 'to';
    const rule = (part: unknown) => ({ [direction]: [part, { ports: [{ port: 81 }] }] });
    return [
      (junk: unknown) => ({ [direction]: junk }),
      (junk: unknown) => rule(junk),
      (junk: unknown) => rule({ [peers]: junk }),
      (junk: unknown) => rule({ [peers]: [junk, { podSelector: { matchLabels: { app: 'x' } } }] }),
      (junk: unknown) => rule({ [peers]: [{ podSelector: junk }, { namespaceSelector: junk }] }),
      (junk: unknown) => rule({ [peers]: [{ ipBlock: junk }] }),
      (junk: unknown) => rule({ ports: junk }),
      (junk: unknown) => rule({ ports: [junk, { port: 80, protocol: 'UDP' }] }),
    ];
  }),
];

const anyDamaged = fc
  .tuple(anyPolicy, fc.constantFrom(...DAMAGES), anyJunk)
  .map(([policy, damage, junk]) => ({ ...policy, spec: { ...policy.spec, ...damage(junk) } }));

const anyStranger = fc.oneof(
  anyJunk,
  anyJunk.map((spec) => ({ metadata: { name: 'a', namespace: 'a' }, spec })),
  anyPolicy.map(({ spec }) => ({ metadata: { name: 'b', namespace: 7 }, spec })),
  anyPolicy.map(({ spec }) => ({ metadata: 'text', spec })),
);

/** A policy, mostly sound; or one that is damaged in a place; or something that is none. */
export const anyPolicyOrWorse: fc.Arbitrary<NetworkPolicy> = fc.oneof(
  { weight: 12, arbitrary: anyPolicy },
  { weight: 4, arbitrary: anyDamaged as fc.Arbitrary<unknown> as fc.Arbitrary<NetworkPolicy> },
  { weight: 1, arbitrary: anyStranger as fc.Arbitrary<unknown> as fc.Arbitrary<NetworkPolicy> },
);

const anyMixedWorld: fc.Arbitrary<World> = fc.record({
  namespaces: fc.array(anyNamespaceLabels, { maxLength: 3 }),
  pods: fc.uniqueArray(anyPod, {
    minLength: 2,
    maxLength: 6,
    size: 'max',
    selector: ({ namespace, name }) => `${namespace}/${name}`,
  }),
  policies: fc.array(anyPolicyOrWorse, { minLength: 1, maxLength: 6, size: 'max' }),
});

/** Pods with a twin each that only some selector or block tells apart, in a world of few policies or none at first. */
const anyWorldOfTwins: fc.Arbitrary<World> = fc
  .record({
    pod: anyPod,
    other: anyPod,
    labels: anyLabels,
    ips: fc.uniqueArray(anyAddress, { maxLength: 2 }),
    policies: fc.array(anyPolicyOrWorse, { maxLength: 2 }),
  })
  .map(({ pod, other, labels, ips, policies }) => {
    const alive = { ...pod, phase: undefined };
    const twins = [alive, { ...alive, name: 'twin', labels }, { ...alive, name: 'third', ips }];
    return { namespaces: [], pods: [...twins, { ...other, name: 'other' }], policies };
  });

const BOTH_FAMILIES = ['10.0.0.1', '2001:db8::1'];
const anyFamilyBlock = fc.constantFrom(
  { ipBlock: { cidr: '10.0.0.0/24' } },
  { ipBlock: { cidr: '2001:db8::/32' } },
);
const anyFamilyRules = fc.array(anyFamilyBlock, { maxLength: 2 });

/** Pods of both families under policies that let through one family or the other. */
const anyWorldOfFamilies: fc.Arbitrary<World> = fc
  .record({
    pods: fc.array(anyPod, { minLength: 2, maxLength: 3 }),
    clauses: fc.array(fc.record({ from: anyFamilyRules, to: anyFamilyRules, labels: anyLabels }), {
      maxLength: 3,
    }),
  })
  .map(({ pods, clauses }) => ({
    namespaces: [],
    pods: pods.map((pod, index) => ({
      ...pod,
      namespace: 'a',
      name: `pod-${index}`,
      ips: index < 2 ? BOTH_FAMILIES : pod.ips,
    })),
    policies: clauses.map(({ from, to, labels }, index) => ({
      metadata: { name: `policy-${index}`, namespace: 'a' },
      spec: {
        podSelector: { matchLabels: Object.fromEntries(labels) },
        policyTypes: ['Ingress', 'Egress'],
        ingress: from.map((peer) => ({ from: [peer] })),
        egress: to.map((peer) => ({ to: [peer] })),
      },
    })),
  }));

export const anyWorld: fc.Arbitrary<World> = fc.oneof(
  { weight: 6, arbitrary: anyMixedWorld },
  { weight: 2, arbitrary: anyWorldOfTwins },
  { weight: 1, arbitrary: anyWorldOfFamilies },
);

/** Two ends that need not be of the world: strangers, addresses, entities with and without address and node. */
export const anyOthers: fc.Arbitrary<readonly Endpoint[]> = fc
  .tuple(anyConnection, anyAddress, fc.boolean())
  .map(([{ from, to }, ip, isAddress]) => [from, isAddress ? { kind: 'address', ip } : to]);

/** The pods of a world as ends, one of them by a copy and one with the address that is used, and some others. */
export function endsOf({ pods }: World, others: readonly Endpoint[]): readonly Endpoint[] {
  const known = pods.map((pod): Endpoint => ({ kind: 'pod', pod }));
  const [first, second] = pods;
  const copy: readonly Endpoint[] = first === undefined ? [] : [{ kind: 'pod', pod: { ...first } }];
  const addressed: readonly Endpoint[] =
    second === undefined ? [] : [{ kind: 'pod', pod: second, ip: second.ips[0] ?? '10.0.0.1' }];
  const bare: Endpoint = { kind: 'entity', entity: 'kube-apiserver' };
  return [...known, ...copy, ...addressed, ...others, bare];
}

export const anyPoint = fc.record({
  protocol: fc.constantFrom(...PROTOCOLS),
  port: fc.constantFrom(...PORTS, 79, 65_535),
});

/** One change of a world. */
export type Update =
  | { readonly do: 'policy'; readonly policy: NetworkPolicy }
  | { readonly do: 'no-policy'; readonly namespace: string; readonly name: string }
  | { readonly do: 'pod'; readonly pod: WorldPod }
  | { readonly do: 'no-pod'; readonly namespace: string; readonly name: string }
  | { readonly do: 'namespace'; readonly namespace: WorldNamespace };

const anyNamed = <Do extends string>(what: Do, names: readonly string[]) =>
  fc.record({ do: fc.constant(what), namespace: anyNamespace, name: fc.constantFrom(...names) });

export const anyUpdate: fc.Arbitrary<Update> = fc.oneof(
  { weight: 4, arbitrary: anyPolicyOrWorse.map((policy) => ({ do: 'policy' as const, policy })) },
  { weight: 2, arbitrary: anyNamed('no-policy' as const, ['a', 'b', 'c']) },
  { weight: 4, arbitrary: anyPod.map((pod) => ({ do: 'pod' as const, pod })) },
  { weight: 2, arbitrary: anyNamed('no-pod' as const, ['p', 'q', 'r', 's']) },
  {
    weight: 2,
    arbitrary: anyNamespaceLabels.map((namespace) => ({ do: 'namespace' as const, namespace })),
  },
);
