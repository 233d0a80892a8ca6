import fc from 'fast-check';
import type {
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyEgressRule,
  NetworkPolicyIngressRule,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  PolicyType,
} from '#core/policy/network-policy.ts';
import type { Connection, Endpoint, World, WorldNamespace, WorldPod } from '#core/policy/world.ts';

/** Few names, so that random selectors meet random pods often. */
const NAMESPACES = ['a', 'b'] as const;
const NAMES = ['a', 'b', 'c'] as const;
const KEYS = ['app', 'tier', 'team'] as const;
const VALUES = ['', 'x', 'y'] as const;
const NODES = ['node-1', 'node-2'] as const;
const ADDRESSES = ['10.0.0.1', '10.0.0.130', '10.0.1.1', '203.0.113.7', '2001:db8::1'] as const;
const CIDRS = ['10.0.0.0/24', '10.0.0.0/8', '0.0.0.0/0', '203.0.113.7/32', '2001:db8::/32', '::/0'] as const;
const EXCEPTIONS = ['10.0.0.128/25', '10.0.1.0/24', '2001:db8::1/128'] as const;
const PORTS = [53, 80, 81, 8080] as const;
const PORT_NAMES = ['http', 'dns'] as const;
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;
const BOTH: readonly PolicyType[] = ['Ingress', 'Egress'];
const ENTITIES = ['world', 'host', 'remote-node', 'kube-apiserver', 'ingress'] as const;

const anyKey = fc.constantFrom(...KEYS);
const anyValue = fc.constantFrom(...VALUES);
const anyProtocol = fc.constantFrom(...PROTOCOLS);
const anyPortNumber = fc.constantFrom(...PORTS);
const anyNode = fc.constantFrom(...NODES);
const anyAddress = fc.constantFrom(...ADDRESSES);

const anyLabels = fc.dictionary(anyKey, anyValue).map((labels) => Object.entries(labels));

/** The first value about once in ten times, else the second. */
const rarely = <A, B>(seldom: A, usual: B): fc.Arbitrary<A | B> =>
  fc.oneof({ weight: 1, arbitrary: fc.constant(seldom) }, { weight: 9, arbitrary: fc.constant(usual) });

const anyPod: fc.Arbitrary<WorldPod> = fc.record({
  namespace: fc.constantFrom(...NAMESPACES),
  name: fc.constantFrom(...NAMES),
  labels: anyLabels,
  ips: fc.uniqueArray(anyAddress, { maxLength: 2 }),
  namedPorts: fc.array(
    fc.record({ name: fc.constantFrom(...PORT_NAMES), protocol: anyProtocol, port: anyPortNumber }),
    { maxLength: 2 },
  ),
  hostNetwork: rarely(true, false),
  node: anyNode,
  phase: rarely('Succeeded', undefined),
});

const anyRequirement = fc.oneof(
  fc.record({
    key: anyKey,
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.array(anyValue, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ key: anyKey, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
);

const anySelector: fc.Arbitrary<LabelSelector> = fc.record(
  {
    matchLabels: fc.dictionary(anyKey, anyValue, { maxKeys: 1 }),
    matchExpressions: fc.array(anyRequirement, { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

const anyBlock = fc.record(
  { cidr: fc.constantFrom(...CIDRS), except: fc.array(fc.constantFrom(...EXCEPTIONS), { maxLength: 2 }) },
  { requiredKeys: ['cidr'] },
);

/** Some are invalid: empty ones, and exceptions outside their block. */
const anyPeer: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
  fc.record({ podSelector: anySelector, namespaceSelector: anySelector }, { requiredKeys: [] }),
  fc.record({ ipBlock: anyBlock }),
);

const anyPort: fc.Arbitrary<NetworkPolicyPort> = fc.oneof(
  fc.record({ protocol: anyProtocol, port: anyPortNumber }, { requiredKeys: [] }),
  fc.record({ protocol: anyProtocol, port: fc.constantFrom(...PORT_NAMES) }),
  fc.record({ protocol: anyProtocol, port: anyPortNumber, endPort: anyPortNumber }),
);

const someOf = <T>(item: fc.Arbitrary<T>) => fc.option(fc.array(item, { maxLength: 3 }), { nil: undefined });

const anyIngressRule: fc.Arbitrary<NetworkPolicyIngressRule> = fc.record({
  from: someOf(anyPeer),
  ports: someOf(anyPort),
});

const anyEgressRule: fc.Arbitrary<NetworkPolicyEgressRule> = fc.record({
  to: someOf(anyPeer),
  ports: someOf(anyPort),
});

/** Mostly sound policies over the same few names. */
export const anyPolicy: fc.Arbitrary<NetworkPolicy> = fc.record({
  metadata: fc.record({ name: fc.constantFrom(...NAMES), namespace: fc.constantFrom(...NAMESPACES) }),
  spec: fc.record({
    podSelector: fc.oneof(fc.constant<LabelSelector>({}), anySelector),
    policyTypes: fc.constantFrom<readonly PolicyType[] | undefined>(
      undefined,
      ['Ingress'],
      ['Egress'],
      BOTH,
      BOTH,
    ),
    ingress: someOf(anyIngressRule),
    egress: someOf(anyEgressRule),
  }),
});

const anyNamespaces: fc.Arbitrary<readonly WorldNamespace[]> = fc
  .tuple(...NAMESPACES.map(() => anyLabels))
  .map((labels) => NAMESPACES.map((name, index) => ({ name, labels: labels[index] ?? [] })));

const anyEndpoint: fc.Arbitrary<Endpoint> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pod' as const), pod: anyPod }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('address' as const), ip: anyAddress }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('entity' as const),
      entity: fc.constantFrom(...ENTITIES),
      ip: fc.option(anyAddress, { nil: undefined }),
      node: fc.option(anyNode, { nil: undefined }),
    }),
  },
);

export const anyConnection: fc.Arbitrary<Connection> = fc.record({
  from: anyEndpoint,
  to: anyEndpoint,
  protocol: anyProtocol,
  port: anyPortNumber,
});

/** A world with a few policies and the connection to judge in it; the ends are pods of that world where they are pods. */
export const anyCase: fc.Arbitrary<{ readonly world: World; readonly connection: Connection }> = fc
  .record({
    namespaces: anyNamespaces,
    policies: fc.array(anyPolicy, { minLength: 1, maxLength: 6, size: 'max' }),
    connection: anyConnection,
  })
  .map(({ namespaces, policies, connection }) => {
    const pods = [connection.from, connection.to].flatMap((end) => (end.kind === 'pod' ? [end.pod] : []));
    return { world: { namespaces, pods, policies }, connection };
  });

/** The same policies with everything whose order must not matter turned round. */
export const reversed = (policies: readonly NetworkPolicy[]): readonly NetworkPolicy[] =>
  policies.toReversed().map((policy) => ({
    ...policy,
    spec: {
      ...policy.spec,
      policyTypes: policy.spec.policyTypes?.toReversed(),
      ingress: policy.spec.ingress?.toReversed().map(({ from, ports }) => ({
        from: from?.toReversed(),
        ports: ports?.toReversed(),
      })),
      egress: policy.spec.egress?.toReversed().map(({ to, ports }) => ({
        to: to?.toReversed(),
        ports: ports?.toReversed(),
      })),
    },
  }));
