import { beforeAll, describe, expect, test } from 'vitest';
import { isPolicyDenial } from '#core/flow/flow.ts';
import { describePeer } from '#core/identity/peer.ts';
import { flowOf, type Observation } from '#core/simulation/observation.ts';
import { type Outcome, type PhaseName, type TrueEdge, trueEdgeKey } from '#core/simulation/truth.ts';
import { afterMinutes, type ToldSimulation, tell } from './simulated.ts';

let shop: ToldSimulation;

beforeAll(() => {
  shop = tell({ seed: 7, until: afterMinutes(200) });
});

const line = (edge: TrueEdge): string =>
  `${describePeer(edge.client)} => ${describePeer(edge.server)} : ${edge.protocol} ${edge.port ?? '-'}`;

const inPhase = (phase: PhaseName): readonly Observation[] =>
  shop.observations.filter(({ conversation }) => conversation.phase === phase);

const edgesOf = (observations: readonly Observation[]): ReadonlySet<string> =>
  new Set(observations.map(({ conversation }) => trueEdgeKey(conversation)));

const trainingLines = (): readonly string[] => {
  const keys = edgesOf(inPhase('training'));
  return [...shop.truth.edges].filter(([key]) => keys.has(key)).map(([, edge]) => line(edge));
};

const WEB = ['frontend', 'cart', 'catalog-v1', 'catalog-v2', 'checkout', 'payments', 'recommendations'];

/** Who talks to whom in the shop, as it was drawn up. */
const DESIGN: readonly string[] = [
  'world => ingress/ingress-nginx-controller[Deployment] : TCP 443',
  'world => ingress/ingress-nginx-controller[Deployment] : TCP 80',
  'ingress/ingress-nginx-controller[Deployment] => shop/frontend[Deployment] : TCP 8080',
  'ingress/ingress-nginx-controller[Deployment] => kube-apiserver : TCP 6443',
  ...['catalog-v1', 'catalog-v2', 'cart', 'recommendations', 'checkout'].map(
    (server) => `shop/frontend[Deployment] => shop/${server}[Deployment] : TCP 8080`,
  ),
  'shop/recommendations[Deployment] => shop/catalog-v1[Deployment] : TCP 8080',
  'shop/recommendations[Deployment] => shop/catalog-v2[Deployment] : TCP 8080',
  'shop/recommendations[Deployment] => data/cache[StatefulSet] : TCP 6379',
  'shop/checkout[Deployment] => shop/cart[Deployment] : TCP 8080',
  'shop/checkout[Deployment] => shop/payments[Deployment] : TCP 8080',
  'shop/checkout[Deployment] => data/orders-db[StatefulSet] : TCP 5432',
  'shop/cart[Deployment] => data/cache[StatefulSet] : TCP 6379',
  'data/orders-db[StatefulSet] => data/orders-db[StatefulSet] : TCP 5432',
  'shop/payments[Deployment] => api.payments.example : TCP 443',
  'shop/payments[Deployment] => fraud-check.example : TCP 443',
  'data/nightly-report[CronJob] => data/orders-db[StatefulSet] : TCP 5432',
  'data/nightly-report[CronJob] => 203.0.113.80/32 : TCP 443',
  ...[
    'ingress/ingress-nginx-controller[Deployment]',
    'shop/frontend[Deployment]',
    'shop/cart[Deployment]',
    'shop/checkout[Deployment]',
    'shop/recommendations[Deployment]',
    'shop/payments[Deployment]',
    'monitoring/prometheus[StatefulSet]',
    'data/orders-db[StatefulSet]',
    'data/nightly-report[CronJob]',
  ].map((client) => `${client} => kube-system/coredns[Deployment] : UDP 53`),
  'shop/checkout[Deployment] => kube-system/coredns[Deployment] : TCP 53',
  ...WEB.map((server) => `monitoring/prometheus[StatefulSet] => shop/${server}[Deployment] : TCP 9090`),
  'monitoring/prometheus[StatefulSet] => data/orders-db[StatefulSet] : TCP 9187',
  'monitoring/prometheus[StatefulSet] => data/cache[StatefulSet] : TCP 9121',
  'monitoring/prometheus[StatefulSet] => ingress/ingress-nginx-controller[Deployment] : TCP 10254',
  'monitoring/prometheus[StatefulSet] => kube-system/coredns[Deployment] : TCP 9153',
  'monitoring/prometheus[StatefulSet] => host : TCP 10250',
  'monitoring/prometheus[StatefulSet] => remote-node : TCP 10250',
  ...WEB.map((server) => `host => shop/${server}[Deployment] : TCP 8080`),
  'host => data/orders-db[StatefulSet] : TCP 5432',
  'host => data/cache[StatefulSet] : TCP 6379',
  'host => ingress/ingress-nginx-controller[Deployment] : TCP 10254',
  'host => monitoring/prometheus[StatefulSet] : TCP 9090',
  'host => kube-system/coredns[Deployment] : TCP 8080',
  'host => kube-system/coredns[Deployment] : TCP 8181',
  ...['host', 'remote-node'].flatMap((client) => [
    `${client} => health : ICMPv4 -`,
    `${client} => health : TCP 4240`,
  ]),
];

describe('the demo shop', () => {
  test('trains on exactly the edges it was designed with', () => {
    expect([...trainingLines()].sort()).toEqual([...DESIGN].sort());
  });

  test('trains on enough events to learn from and few enough to start quickly', () => {
    expect(inPhase('training').length).toBeGreaterThan(20_000);
    expect(inPhase('training').length).toBeLessThan(60_000);
  });

  test('adds only what checkout v2 brings in the rollout', () => {
    const before = edgesOf(inPhase('training'));
    const added = [...edgesOf(inPhase('rollout'))].filter((key) => !before.has(key));
    expect(added.map((key) => key.replaceAll('workload:demo/', '')).sort()).toEqual([
      'entity:host -> shop/Deployment/feature-flags TCP/8080',
      'shop/Deployment/checkout -> shop/Deployment/feature-flags TCP/8080',
    ]);
  });

  test('runs old and new pods of checkout at the same time, told apart by their version', () => {
    const versions = new Map<string, Set<string>>();
    for (const { source } of inPhase('rollout')) {
      if (source.pod?.startsWith('checkout-') !== true) continue;
      const hash = source.pod.split('-')[1] ?? '';
      const seen = versions.get(source.labels.get('version') ?? '') ?? new Set();
      versions.set(source.labels.get('version') ?? '', seen.add(hash));
    }
    expect([...versions.keys()].sort()).toEqual(['v1', 'v2']);
    expect(versions.get('v1')).not.toEqual(versions.get('v2'));
  });

  test('is attacked from one pod, which scans, moves to the database and calls home', () => {
    const attack = shop.observations.filter(({ conversation }) => conversation.isAttack);
    const pods = new Set(attack.map(({ conversation }) => conversation.client.pod));
    expect(pods.size).toBe(1);
    expect([...pods][0]).toMatch(
      /^shop\/recommendations-[bcdfghjklmnpqrstvwxz2456789]{9}-[bcdfghjklmnpqrstvwxz2456789]{5}$/,
    );
    const edges = [...shop.truth.edges.values()].filter((edge) => edge.attackConversations > 0);
    const lines = edges.map(line);
    expect(lines).toContain('shop/recommendations[Deployment] => data/orders-db[StatefulSet] : TCP 5432');
    expect(lines).toContain('shop/recommendations[Deployment] => 198.51.100.66/32 : TCP 4444');
    const outcomes = [
      ...new Map(attack.map(({ conversation }) => [conversation.id, conversation.outcome])).values(),
    ];
    const count = (outcome: Outcome): number => outcomes.filter((one) => one === outcome).length;
    expect(count('allowed')).toBeGreaterThan(0);
    expect(count('denied')).toBeGreaterThan(0);
    expect(count('refused')).toBeGreaterThan(3 * count('allowed'));
  });

  test('attacks in no other phase than the attack', () => {
    const phases = new Set(
      shop.observations.filter((o) => o.conversation.isAttack).map((o) => o.conversation.phase),
    );
    expect([...phases]).toEqual(['attack']);
  });

  test('ties every observation to a conversation of the truth', () => {
    const unknown = shop.observations.filter(
      ({ conversation }) => !shop.truth.edges.has(trueEdgeKey(conversation)),
    );
    expect(unknown).toEqual([]);
    const ids = new Set(shop.observations.map(({ conversation }) => conversation.id));
    expect(Math.max(...ids)).toBeLessThanOrEqual(shop.truth.conversationCount);
  });

  test('reports one conversation at many points, on both nodes and in both directions', () => {
    const byConversation = Map.groupBy(shop.observations, ({ conversation }) => conversation.id);
    const richest = [...byConversation.values()].map(
      (seen) => new Set(seen.map((o) => `${o.node} ${o.point} ${o.direction} ${o.reply}`)).size,
    );
    expect(Math.max(...richest)).toBeGreaterThanOrEqual(9);
  });

  test('reports a denied packet both as verdict and as drop, and says of neither whether it is a reply', () => {
    const denied = shop.observations.map(flowOf).filter(isPolicyDenial);
    const kinds = new Set(denied.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['policy-verdict', 'drop']));
    expect(denied.every(({ reply }) => reply === 'unknown')).toBe(true);
  });

  test('knows names outside only on the node of the pod that asked for them, and not on every packet', () => {
    const named = shop.observations.filter(
      (o) => o.conversation.server.peer.kind === 'fqdn' && o.reply === 'request',
    );
    const withName = named.filter((o) => o.destinationNames.length > 0);
    expect(withName.length).toBeGreaterThan(0);
    expect(withName.length).toBeLessThan(named.length);
  });

  test('gives the address of a finished Job to a later pod', () => {
    const pods = new Map<string, Set<string>>();
    for (const { conversation } of shop.observations) {
      const { ip, pod } = conversation.client;
      if (pod?.startsWith('data/nightly-report-') === true)
        pods.set(ip, (pods.get(ip) ?? new Set()).add(pod));
    }
    expect([...pods.values()].some((names) => names.size > 1)).toBe(true);
  });

  test('speaks of the owner only where the pod is local', () => {
    const pods = shop.observations.map(({ source }) => source).filter(({ pod }) => pod !== undefined);
    const isRight = ({ endpointId, workloads }: (typeof pods)[number]): boolean =>
      workloads.length === (endpointId === undefined ? 0 : 1);
    expect(pods.some(({ endpointId }) => endpointId === undefined)).toBe(true);
    expect(pods.filter((pod) => !isRight(pod))).toEqual([]);
  });

  test('shows every observation point, and every kind of trouble a real data path has', () => {
    const kinds = new Set(shop.told.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['node-status', 'flow', 'lost-events']));
    const points = new Set(shop.observations.map(({ point }) => point));
    expect(points.size).toBe(9);
    const unmarked = inPhase('normal').filter((o) => o.point === 'to-endpoint' && o.reply === 'unknown');
    expect(unmarked.length).toBeGreaterThan(0);
  });
});
