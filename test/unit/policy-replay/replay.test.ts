import { describe, expect, test } from 'vitest';
import type { Flow } from '#core/flow/flow.ts';
import { populationOfSeen } from '#core/policy/explain/population.ts';
import { CILIUM_PROFILE, KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import { type ReplayResult, replay } from '#core/policy/replay/replay.ts';
import type { CniProfile } from '#core/policy/world.ts';
import { endpoint, flow, pod, run, START, SYN, world } from '../../support/flows.ts';
import { app, policyOf } from '../policy-literal/small-world.ts';

const CART = 'shop/cart-7d9c5b6f4-x2x4z';
const CART_2 = 'shop/cart-7d9c5b6f4-b4b5c';
const DB = 'shop/db-0';
const dbLabels = { labels: new Map([['app', 'db']]) };

/** One connection that a client opens. */
const opened = (client: string, port: number, more: Partial<Flow> = {}): Flow =>
  flow(pod(client, '10.0.0.1', 40_000 + port), pod(DB, '10.0.0.9', port, dbLabels), {
    tcpFlags: SYN,
    ...more,
  });

const dbAccepts = (rule: object): NetworkPolicy =>
  policyOf({ podSelector: app('db'), policyTypes: ['Ingress'], ingress: [rule] }, 'db');

const DB_CLOSED = policyOf({ podSelector: app('db'), policyTypes: ['Ingress'] }, 'db');

interface Replayed {
  readonly profile?: CniProfile;
  readonly cluster?: string;
}

function replayed(
  flows: readonly Flow[],
  policies: readonly NetworkPolicy[],
  more: Replayed = {},
): ReplayResult {
  const { graph, world: seen } = run(flows);
  const profile = more.profile ?? CILIUM_PROFILE;
  const population = populationOfSeen(seen, more.cluster ?? 'default', profile);
  return replay({ edges: graph.edges.values(), population, policies, profile });
}

const reasons = ({ unjudged }: ReplayResult): readonly string[] => unjudged.map(({ reason }) => reason);

describe('a conversation that the policies would have blocked', () => {
  test('is told with count, last sight, example pods, the direction that blocks it, and the rule that is missing', () => {
    const flows = [
      opened(CART, 5432),
      opened(CART, 5432, { at: START + 60_000, source: pod(CART, '10.0.0.1', 41_111) }),
    ];
    const [blocked, ...rest] = replayed(flows, [DB_CLOSED]).blocked;
    expect(rest).toEqual([]);
    expect(blocked).toMatchObject({
      line: 'shop/cart[Deployment] => shop/db[StatefulSet] : TCP 5432',
      conversations: 2,
      lastSeenAt: START + 60_000,
      extent: 'all',
      fromExamples: [CART],
      toExamples: [DB],
    });
    expect(blocked?.sides).toMatchObject([
      {
        direction: 'ingress',
        namespace: 'shop',
        isolatedBy: [DB_CLOSED],
        missing: {
          kind: 'rule',
          rule: { from: [{ podSelector: app('cart') }], ports: [{ protocol: 'TCP', port: 5432 }] },
        },
      },
    ]);
  });

  test('is blocked on both sides when both ends are isolated', () => {
    const all = policyOf({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] }, 'all');
    const [blocked] = replayed([opened(CART, 5432)], [all]).blocked;
    expect(blocked?.sides.map(({ direction }) => direction)).toEqual(['egress', 'ingress']);
  });

  test('names the rule that came nearest', () => {
    const policy = dbAccepts({ from: [{ podSelector: app('cart') }], ports: [{ port: 5433 }] });
    const [blocked] = replayed([opened(CART, 5432)], [policy]).blocked;
    expect(blocked?.sides[0]?.nearest).toMatchObject({ policy, rule: 0, misses: [{ what: 'port' }] });
  });

  test('is blocked for some where only some of the pods that carried it are', () => {
    const canary = pod(CART_2, '10.0.0.2', 42_222, {
      labels: new Map([
        ['app', 'cart'],
        ['track', 'canary'],
      ]),
    });
    const flows = [opened(CART, 5432), opened(CART, 5432, { source: canary })];
    const notCanary = { matchExpressions: [{ key: 'track', operator: 'DoesNotExist' }] };
    const result = replayed(flows, [dbAccepts({ from: [{ podSelector: notCanary }] })]);
    expect(result.blocked).toMatchObject([{ extent: 'some', conversations: 2, fromExamples: [CART_2] }]);
  });

  test('to an address outside is missing a rule for the addresses seen, and no wider one', () => {
    const flows = ['203.0.113.7', '203.0.113.8'].map((ip, index) =>
      flow(pod(CART, '10.0.0.1', 40_000 + index), world(ip, 443, { names: ['api.example.com'] }), {
        tcpFlags: SYN,
      }),
    );
    const closed = policyOf({ podSelector: app('cart'), policyTypes: ['Egress'] }, 'cart');
    const [blocked] = replayed(flows, [closed]).blocked;
    expect(blocked).toMatchObject({ toExamples: ['203.0.113.7', '203.0.113.8'] });
    expect(blocked?.sides[0]?.missing).toMatchObject({
      rule: { to: [{ ipBlock: { cidr: '203.0.113.7/32' } }, { ipBlock: { cidr: '203.0.113.8/32' } }] },
    });
  });

  test('to the API server under Cilium has no rule that would help, and says what would', () => {
    const server = endpoint({ ip: '172.18.0.2', port: 6443, entities: ['kube-apiserver', 'remote-node'] });
    const closed = policyOf({ podSelector: app('cart'), policyTypes: ['Egress'] }, 'cart');
    const flows = [flow(pod(CART, '10.0.0.1', 40_000), server, { tcpFlags: SYN })];
    expect(replayed(flows, [closed]).blocked[0]?.sides[0]?.missing).toMatchObject({
      kind: 'none',
      reason: 'entity-not-expressible',
    });
    const block = {
      podSelector: app('cart'),
      policyTypes: ['Egress' as const],
      egress: [{ to: [{ ipBlock: { cidr: '172.18.0.0/16' } }] }],
    };
    expect(replayed(flows, [policyOf(block)], { profile: KUBERNETES_PROFILE }).blocked).toEqual([]);
  });
});

describe('a conversation that passes', () => {
  test('is admitted by a rule, or open where nothing isolates either end', () => {
    const flows = [opened(CART, 5432)];
    const admitted = replayed(flows, [dbAccepts({ from: [{ podSelector: app('cart') }] })]);
    expect(admitted).toMatchObject({
      blocked: [],
      admitted: { edges: 1, conversations: 1 },
      open: { edges: 0 },
    });
    const open = replayed(flows, [policyOf({ podSelector: {} }, 'else', 'elsewhere')]);
    expect(open).toMatchObject({ blocked: [], admitted: { edges: 0 }, open: { edges: 1, conversations: 1 } });
  });

  test('from a node to its own pods is never blocked', () => {
    const host = endpoint({ ip: '172.18.0.3', port: 40_000, entities: ['host'] });
    const flows = [flow(host, pod(DB, '10.0.0.9', 5432, dbLabels), { tcpFlags: SYN })];
    expect(replayed(flows, [DB_CLOSED])).toMatchObject({ blocked: [], open: { edges: 1 } });
  });

  test('from another cluster is under no egress policy of this one, but under the ingress policies here', () => {
    const far = pod(CART, '10.9.0.1', 40_000, { cluster: 'far' });
    const near = pod(DB, '10.0.0.9', 5432, { ...dbLabels, cluster: 'near' });
    const flows = [flow(far, near, { tcpFlags: SYN })];
    const egress = policyOf({ podSelector: {}, policyTypes: ['Egress'] }, 'all');
    expect(replayed(flows, [egress], { cluster: 'near' })).toMatchObject({ blocked: [], open: { edges: 1 } });
    expect(replayed(flows, [DB_CLOSED], { cluster: 'near' }).blocked).toHaveLength(1);
    expect(replayed(flows, [DB_CLOSED], { cluster: 'elsewhere' })).toMatchObject({
      ungoverned: { edges: 1 },
    });
  });
});

test('what was denied when it was recorded is counted and not replayed', () => {
  const denied = { verdict: 'dropped', dropReason: 'POLICY_DENIED', kind: 'drop' } as const;
  const result = replayed([opened(CART, 5432, denied)], [DB_CLOSED]);
  expect(result).toMatchObject({ blocked: [], denied: 1, admitted: { edges: 0 } });
});

describe('what can not be judged is said with its reason:', () => {
  test('a rule that names its port, which the flows do not show', () => {
    const named = dbAccepts({ from: [{ podSelector: app('cart') }], ports: [{ port: 'postgres' }] });
    expect(reasons(replayed([opened(CART, 5432)], [named]))).toEqual(['named-port']);
    const other = dbAccepts({ from: [{ podSelector: app('web') }], ports: [{ port: 'postgres' }] });
    expect(replayed([opened(CART, 5432)], [other]).blocked).toHaveLength(1);
  });

  test('a pod whose labels are not in the recording', () => {
    const bare = opened(CART, 5432, { source: pod(CART, '10.0.0.1', 40_000, { labels: new Map() }) });
    expect(reasons(replayed([bare], [DB_CLOSED]))).toEqual(['labels-unknown']);
  });

  test('a namespace whose labels are not in the recording, unless the flows show them', () => {
    const policy = dbAccepts({ from: [{ namespaceSelector: { matchLabels: { team: 'shop' } } }] });
    expect(reasons(replayed([opened(CART, 5432)], [policy]))).toEqual(['namespace-labels-unknown']);
    const source = pod(CART, '10.0.0.1', 40_000, { namespaceLabels: new Map([['team', 'other']]) });
    const told = replayed([opened(CART, 5432, { source })], [policy]);
    expect(told).toMatchObject({ blocked: [{ conversations: 1 }], unjudged: [] });
  });

  test('ICMP, unless nothing isolates either end', () => {
    const ping = flow(pod(CART, '10.0.0.1'), pod(DB, '10.0.0.9', undefined, dbLabels), {
      protocol: 'ICMPv4',
      icmpType: 8,
    });
    expect(reasons(replayed([ping], [DB_CLOSED]))).toEqual(['protocol-not-expressible']);
    expect(replayed([ping], [policyOf({ podSelector: app('x') })])).toMatchObject({
      unjudged: [],
      open: { edges: 1 },
    });
  });

  test('many ports of one pair, unless all of them meet one fate', () => {
    const scan = Array.from({ length: 80 }, (_, index) => opened(CART, 1000 + index));
    const some = dbAccepts({ from: [{ podSelector: app('cart') }], ports: [{ port: 1003 }] });
    expect(reasons(replayed(scan, [some]))).toEqual(['folded']);
    expect(replayed(scan, [dbAccepts({ from: [{ podSelector: app('cart') }] })])).toMatchObject({
      unjudged: [],
      admitted: { edges: 1, conversations: 80 },
    });
    const [closed] = replayed(scan, [DB_CLOSED]).blocked;
    expect(closed).toMatchObject({ conversations: 80, sides: [{ missing: { reason: 'no-single-port' } }] });
  });
});

test('the order of flows and of policies changes nothing but which policy is named first', () => {
  const flows = [opened(CART, 5432), opened(CART_2, 5433), opened(CART, 80)];
  const policies = [DB_CLOSED, policyOf({ podSelector: app('cart'), policyTypes: ['Egress'] }, 'cart')];
  const plain = ({ blocked }: ReplayResult) =>
    blocked.map(({ line, conversations, sides }) => [
      line,
      conversations,
      sides.map(({ missing }) => missing),
    ]);
  expect(plain(replayed([...flows].reverse(), [...policies].reverse()))).toEqual(
    plain(replayed(flows, policies)),
  );
});
