import type { GraphEdge, GraphMinute, GraphNode, GraphSnapshot, Trust } from '#contract/graph.ts';
import type { FindingView } from '#contract/learning.ts';

/** A made-up shop in the wire's shapes, for tests of the page that need no server. */

export const FIXTURE_NOW = Date.UTC(2026, 2, 3, 14, 5, 20);
const MINUTE = 60_000;
export const FIXTURE_FROM = FIXTURE_NOW - 125 * MINUTE;
export const TRAINED_UNTIL = FIXTURE_FROM + 100 * MINUTE;

const WORKLOADS: readonly (readonly [namespace: string, kind: string, name: string, pods: number])[] = [
  ['ingress', 'Deployment', 'ingress-nginx-controller', 2],
  ['shop', 'Deployment', 'frontend', 2],
  ['shop', 'Deployment', 'cart', 2],
  ['shop', 'Deployment', 'catalog-v1', 1],
  ['shop', 'Deployment', 'catalog-v2', 1],
  ['shop', 'Deployment', 'checkout', 2],
  ['shop', 'Deployment', 'payments', 2],
  ['shop', 'Deployment', 'recommendations', 2],
  ['shop', 'Deployment', 'feature-flags', 1],
  ['data', 'StatefulSet', 'orders-db', 2],
  ['data', 'StatefulSet', 'cache', 1],
  ['data', 'CronJob', 'nightly-report', 0],
  ['monitoring', 'StatefulSet', 'prometheus', 1],
  ['kube-system', 'Deployment', 'coredns', 2],
];

const OUTSIDE: readonly (readonly [id: string, kind: GraphNode['kind'], label: string])[] = [
  ['entity:world', 'entity', 'world'],
  ['entity:host', 'entity', 'host'],
  ['entity:remote-node', 'entity', 'remote-node'],
  ['entity:kube-apiserver', 'entity', 'kube-apiserver'],
  ['fqdn:api.payments.example', 'fqdn', 'api.payments.example'],
  ['fqdn:fraud-check.example', 'fqdn', 'fraud-check.example'],
  ['cidr:198.51.100.77/32', 'cidr', '198.51.100.77/32'],
];

const idOf = (name: string): string => {
  const workload = WORKLOADS.find(([, , candidate]) => candidate === name);
  if (workload !== undefined) return `workload:demo/${workload[0]}/${workload[1]}/${workload[2]}`;
  return OUTSIDE.find(([, , label]) => label === name)?.[0] ?? name;
};

type Call = readonly [
  from: string,
  to: string,
  port: number,
  perMinute: number,
  state?: 'new' | 'denied' | 'silent',
];

const CALLS: readonly Call[] = [
  ['world', 'ingress-nginx-controller', 443, 42],
  ['world', 'ingress-nginx-controller', 80, 4],
  ['ingress-nginx-controller', 'frontend', 8080, 30],
  ['ingress-nginx-controller', 'kube-apiserver', 6443, 0.4],
  ['frontend', 'catalog-v1', 8080, 9],
  ['frontend', 'catalog-v2', 8080, 8.6],
  ['frontend', 'cart', 8080, 11],
  ['frontend', 'recommendations', 8080, 7],
  ['frontend', 'checkout', 8080, 5],
  ['recommendations', 'catalog-v1', 8080, 3],
  ['recommendations', 'catalog-v2', 8080, 3.2],
  ['checkout', 'cart', 8080, 4.6],
  ['checkout', 'payments', 8080, 4.9],
  ['checkout', 'orders-db', 5432, 1.2],
  ['cart', 'cache', 6379, 2],
  ['recommendations', 'cache', 6379, 1.4],
  ['orders-db', 'orders-db', 5432, 0.5],
  ['nightly-report', 'orders-db', 5432, 0, 'silent'],
  ['payments', 'api.payments.example', 443, 4.2],
  ['payments', 'fraud-check.example', 443, 0.2],
  ['checkout', 'feature-flags', 8080, 2.5, 'new'],
  ['recommendations', 'orders-db', 5432, 0.3, 'new'],
  ['recommendations', 'payments', 8080, 1.8, 'denied'],
  ['recommendations', 'cart', 22, 0.8, 'denied'],
  ['recommendations', '198.51.100.77/32', 443, 0.1, 'new'],
  ...[
    'frontend',
    'cart',
    'checkout',
    'recommendations',
    'payments',
    'ingress-nginx-controller',
    'prometheus',
  ].map((name): Call => [name, 'coredns', 53, 6]),
  ...['frontend', 'cart', 'catalog-v1', 'catalog-v2', 'checkout', 'payments', 'recommendations'].map(
    (name): Call => ['prometheus', name, 9090, 1],
  ),
  ['prometheus', 'orders-db', 9187, 1],
  ['prometheus', 'cache', 9121, 1, 'denied'],
  ['prometheus', 'coredns', 9153, 1],
  ['prometheus', 'remote-node', 10_250, 0.2],
  ...['frontend', 'cart', 'checkout', 'payments', 'orders-db', 'cache', 'coredns'].map(
    (name): Call => ['host', name, 8080, 1],
  ),
];

const ENTITIES: ReadonlySet<string> = new Set(['host', 'kube-apiserver', 'remote-node']);

function deniedOf([, to, , , state]: Call, conversations: number): number {
  if (state !== 'denied') return 0;
  return to === 'payments' ? Math.round(conversations * 0.6) : conversations;
}

function standingOf([from, to]: Call, isLate: boolean): GraphEdge['admitted'] {
  if (isLate) return 'blocked';
  return ENTITIES.has(from) || ENTITIES.has(to) ? 'out-of-scope' : 'admitted';
}

function edgeOf(call: Call, id: number): GraphEdge {
  const [from, to, port, perMinute, state] = call;
  const isLate = state === 'new' || (state === 'denied' && from === 'recommendations');
  const conversations = Math.max(Math.round(perMinute * (isLate ? 14 : 120)), 1);
  const protocol = port === 53 ? 'UDP' : 'TCP';
  const early = FIXTURE_FROM + ((id * 7) % 40) * MINUTE * (id % 3 === 0 ? 1 : 0.1);
  const known = state === 'silent' ? 'silent' : 'known';
  return {
    id,
    key: `${idOf(from)}>${idOf(to)}|${protocol}|${port}`,
    from: idOf(from),
    to: idOf(to),
    protocol,
    port,
    conversations,
    denied: deniedOf(call, conversations),
    audited: 0,
    refused: id % 7 === 0 ? 1 : 0,
    ratePerMinute: perMinute,
    firstSeenAt: isLate ? TRAINED_UNTIL + (8 + (id % 6)) * MINUTE : early,
    lastSeenAt: state === 'silent' ? FIXTURE_FROM + 55 * MINUTE : FIXTURE_NOW - (id % 50) * 1000,
    state: isLate ? 'new' : known,
    admitted: standingOf(call, isLate),
    findings: isLate ? 1 : 0,
  };
}

export const shopEdges: readonly GraphEdge[] = CALLS.map((call, index) => edgeOf(call, index + 1));

const findingsOn = (id: string): number =>
  shopEdges.filter((edge) => edge.findings > 0 && edge.from === id).length;

export const shopNodes: readonly GraphNode[] = [
  ...WORKLOADS.map(([namespace, workloadKind, label, pods]): GraphNode => {
    const id = idOf(label);
    const isolation = namespace === 'shop' ? 'both' : namespace === 'data' ? 'ingress' : 'none';
    return {
      id,
      kind: 'workload',
      label,
      cluster: 'demo',
      namespace,
      workloadKind,
      pods,
      isolation,
      openFindings: findingsOn(id),
    };
  }),
  ...OUTSIDE.map(
    ([id, kind, label]): GraphNode => ({ id, kind, label, pods: 0, isolation: 'none', openFindings: 0 }),
  ),
];

const lineOf = (edge: GraphEdge): string => {
  const name = (id: string): string => {
    const node = shopNodes.find((candidate) => candidate.id === id);
    return node?.namespace === undefined
      ? (node?.label ?? id)
      : `${node.namespace}/${node.label}[${node.workloadKind}]`;
  };
  return `${name(edge.from)} => ${name(edge.to)} : ${edge.port}/${edge.protocol}`;
};
export const fixtureLine = lineOf;

const TITLES: Readonly<Record<string, string>> = {
  'feature-flags': 'checkout began to call feature-flags',
  'orders-db': 'recommendations began to call orders-db',
  payments: 'recommendations was denied 15 times at payments',
  cart: 'recommendations tried cart on a port nobody uses',
  '198.51.100.77/32': 'recommendations reached a rare host outside',
};

export const shopFindings: readonly FindingView[] = shopEdges
  .filter((edge) => edge.findings > 0)
  .map((edge, index): FindingView => {
    const label = shopNodes.find((node) => node.id === edge.to)?.label ?? '';
    const isDenied = edge.denied > 0;
    return {
      id: `finding-${index + 1}`,
      kind: isDenied ? 'denied-attempt' : label === 'cart' ? 'new-port' : 'new-edge',
      severity: label === 'feature-flags' ? 'low' : isDenied ? 'medium' : 'high',
      state: 'open',
      edgeKey: edge.key,
      edgeId: edge.id,
      from: edge.from,
      to: edge.to,
      line: lineOf(edge),
      title: TITLES[label] ?? `New edge to ${label}`,
      explanation:
        label === 'feature-flags'
          ? 'Seen 35 times, first 3 minutes after checkout’s pods changed to v2. Allow it, or wait for a second rollout to confirm.'
          : 'Not in the baseline: in 100 minutes of training this workload never opened such a conversation. Look at the pod that did, before anything is allowed.',
      nearestKnown:
        label === 'orders-db' ? 'shop/checkout[Deployment] => data/orders-db[StatefulSet] : 5432/TCP' : null,
      proposalAnswer: 'would-block',
      conversations: edge.conversations,
      firstSeenAt: edge.firstSeenAt,
      lastSeenAt: edge.lastSeenAt,
    };
  });

export const shopTrust: Trust = {
  flows: 82_311,
  conversations: 19_870,
  undecided: 41,
  undecidedShare: 0.0021,
  unresolved: 12,
  lostEvents: '230',
  badLines: 3,
  silentNodes: [],
  sources: 1,
  directionConflicts: 0,
  closedEarly: 0,
  doubts: [
    '230 events were lost by the source between 13:10 and 13:12; silence in that time proves nothing.',
  ],
};

const FIRST_MINUTE = FIXTURE_FROM - (FIXTURE_FROM % MINUTE);

/** A made-up day's swing of traffic from the first minute on; denied conversations only where the shop is attacked. */
export const fixtureMinutes = (perMinute: number): GraphMinute[] =>
  Array.from({ length: 126 }, (_, i) => {
    const isAttacked = i > 112 && i < 122;
    return {
      at: FIRST_MINUTE + i * MINUTE,
      conversations: Math.round(perMinute * (1 + Math.sin(i / 9) * 0.3 + ((i * 7919) % 13) / 60)),
      denied: isAttacked ? Math.round(perMinute * 0.12) + (i % 3) : 0,
    };
  });

/** The shop at one moment. */
export const shopSnapshot = (): GraphSnapshot => ({
  seq: 7,
  now: FIXTURE_NOW,
  mode: 'demo',
  span: { from: FIXTURE_FROM, until: FIXTURE_NOW },
  title: 'demo shop',
  trainingWindow: { from: FIXTURE_FROM, until: TRAINED_UNTIL },
  nodes: [...shopNodes],
  edges: [...shopEdges],
  minutes: fixtureMinutes(160),
  trust: shopTrust,
});
