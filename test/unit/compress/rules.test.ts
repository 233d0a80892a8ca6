import { describe, expect, test } from 'vitest';
import type { Edge } from '#core/graph/edge.ts';
import { propose } from '#core/policy/generate/propose.ts';
import { CILIUM_PROFILE, KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { CniProfile } from '#core/policy/world.ts';
import {
  baselineOf,
  decided,
  edge,
  type FixtureWorkload,
  fqdn,
  sha256,
  workload,
} from '../../support/baseline-fixture.ts';

const db = workload('shop/db');
const [web, api, jobs] = [workload('shop/web'), workload('shop/api'), workload('shop/jobs')];
const agents = ['red', 'green'].map((team) => workload(`${team}/agent`));

function proposalOf(
  workloads: readonly FixtureWorkload[],
  edges: readonly Edge[],
  options: {
    readonly profile?: CniProfile;
    readonly maxExtra?: number;
    readonly rejected?: readonly Edge[];
  } = {},
) {
  const { profile = CILIUM_PROFILE, maxExtra, rejected = [] } = options;
  const all = [...edges, ...rejected.map((each) => decided(each, 'rejected'))];
  return propose(baselineOf({ workloads, edges: all }), {
    toolVersion: '0',
    profile,
    hash: sha256,
    maxExtra,
    holdOut: 0,
  });
}

function ingressOf(...args: Parameters<typeof proposalOf>) {
  const { policies } = proposalOf(...args);
  const found = policies.find(({ workload: id }) => id === db.id);
  if (found === undefined) throw new Error('no policy for db');
  return { rules: found.policy.spec.ingress ?? [], reasons: found.reasons };
}

describe('ports of one rule', () => {
  const ports = [8000, 8001, 8002, 9000, 9001];
  const edges = ports.map((port) => edge(web, db, { port }));

  test('become a range where three or more follow each other, and the comment says so', () => {
    const { rules, reasons } = ingressOf([web, db], edges);
    expect(rules.map((rule) => rule.ports)).toEqual([
      [
        { protocol: 'TCP', port: 8000, endPort: 8002 },
        { protocol: 'TCP', port: 9000 },
        { protocol: 'TCP', port: 9001 },
      ],
    ]);
    expect(reasons[0]?.comment).toBe('from shop/web[Deployment] on TCP 8000-8002, 9000, 9001');
    expect(reasons[0]?.edges).toEqual(edges.map(({ key }) => key).sort());
  });

  test('are a range with a warning about networks that do not read it', () => {
    const { warnings } = proposalOf([web, db], edges);
    expect(warnings.map(({ code }) => code)).toContain('port-range');
  });

  test('stay single where the network is not known to read ranges', () => {
    const profile: CniProfile = { ...KUBERNETES_PROFILE, name: 'aws-vpc-cni' };
    const { rules } = ingressOf([web, db], edges, { profile });
    expect(rules[0]?.ports).toHaveLength(5);
  });

  test('never make a range so long that verify would take it for an opening', () => {
    const many = Array.from({ length: 250 }, (_, index) => edge(web, db, { port: 8000 + index }));
    const { rules } = ingressOf([web, db], many);
    expect(rules[0]?.ports?.map(({ port, endPort }) => [port, endPort])).toEqual([
      [8000, 8099],
      [8100, 8199],
      [8200, 8249],
    ]);
  });
});

describe('peers of one rule', () => {
  test('with the same labels in several namespaces become one with a list of namespaces', () => {
    const { rules, reasons } = ingressOf(
      [...agents, db],
      agents.map((agent) => edge(agent, db)),
    );
    expect(rules.map(({ from }) => from)).toEqual([
      [
        {
          namespaceSelector: {
            matchExpressions: [
              { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['green', 'red'] },
            ],
          },
          podSelector: { matchLabels: { app: 'agent' } },
        },
      ],
    ]);
    expect(reasons[0]?.comment).toBe('from green/agent[Deployment], red/agent[Deployment] on TCP 8080');
  });

  test('with labels of their own are not crossed with namespaces they are not in', () => {
    const other = workload('green/other');
    const edges = [...agents, other].map((each) => edge(each, db));
    const { certificate } = proposalOf([...agents, other, workload('red/other'), db], edges);
    expect(certificate.extras).toEqual([]);
  });
});

describe('rules of one direction', () => {
  test('are as few as rectangles allow, where peers with equal ports alone would make more', () => {
    const edges = [
      ...[80, 81].map((port) => edge(web, db, { port })),
      ...[81, 82].map((port) => edge(api, db, { port })),
      ...[80, 81, 82].map((port) => edge(jobs, db, { port })),
    ];
    const { rules } = ingressOf([web, api, jobs, db], edges);
    expect(rules).toHaveLength(2);
    const { certificate } = proposalOf([web, api, jobs, db], edges);
    expect(certificate).toMatchObject({
      extras: [],
      totals: { coverage: 1 },
      minimality: { redundant: 0, above: [] },
    });
  });

  test('keep the addresses of a name in a rule of their own', () => {
    const [pay, cdn] = [fqdn('api.pay.example'), fqdn('cdn.example')];
    const edges = [
      edge(web, pay, { port: 443, addresses: ['203.0.113.7', '203.0.113.8'] }),
      edge(web, cdn, { port: 443, addresses: ['198.51.100.1'] }),
    ];
    const { policies } = proposalOf([web], edges);
    expect(policies[0]?.reasons.map(({ comment }) => comment)).toEqual([
      'to cdn.example on TCP 443',
      'to api.pay.example on TCP 443',
    ]);
  });
});

describe('a budget of extras', () => {
  const tiered = ['web', 'api', 'jobs'].map((name) =>
    workload(`shop/${name}`, { labels: [{ app: name, tier: 'front' }] }),
  );
  const [front, back, batch] = tiered;
  if (front === undefined || back === undefined || batch === undefined) throw new Error('three are named');
  const clients = [front, back];
  const everybody = [...tiered, db];

  test('of nothing widens nothing, and no certificate speaks of it', () => {
    const { certificate } = proposalOf(
      everybody,
      clients.map((each) => edge(each, db)),
      { maxExtra: 0 },
    );
    expect(certificate).not.toHaveProperty('budget');
    expect(certificate.extras).toEqual([]);
  });

  test('puts a label that peers share in their place, and says what else that lets in', () => {
    const edges = clients.map((each) => edge(each, db));
    const { rules, reasons } = ingressOf(everybody, edges, { maxExtra: 1 });
    expect(rules).toEqual([
      {
        from: [{ podSelector: { matchLabels: { tier: 'front' } } }],
        ports: [{ protocol: 'TCP', port: 8080 }],
      },
    ]);
    expect(reasons[0]?.comment).toBe(
      'from pods of shop with tier=front (shop/api[Deployment], shop/web[Deployment]) on TCP 8080',
    );
    expect(proposalOf(everybody, edges, { maxExtra: 1 }).certificate.budget).toEqual({
      maxExtra: 1,
      spent: 1,
      steps: [
        {
          workload: db.id,
          direction: 'ingress',
          kind: 'label',
          what: 'from pods of shop with tier=front (shop/api[Deployment], shop/web[Deployment])',
          saved: 1,
          extra: 1,
          admits: [{ peer: 'shop/jobs[Deployment]', ports: ['TCP 8080'] }],
        },
      ],
    });
  });

  test('names as budgeted what it really opens, where the other end is open too', () => {
    const far = workload('lab/probe', { labels: [{ app: 'probe', tier: 'front' }] });
    const near = workload('lab/client', { labels: [{ app: 'client', tier: 'front' }] });
    const third = workload('lab/idle', { labels: [{ app: 'idle', tier: 'front' }] });
    const baseline = baselineOf({
      workloads: [far, near, third, db],
      edges: [edge(far, db), edge(near, db)],
      scope: { namespaces: ['shop' as never] },
    });
    const { certificate } = propose(baseline, {
      toolVersion: '0',
      profile: CILIUM_PROFILE,
      hash: sha256,
      maxExtra: 3,
      holdOut: 0,
    });
    expect(certificate.extras.map(({ from, kind }) => `${kind} ${from}`)).toEqual([
      'budgeted lab/idle[Deployment]',
    ]);
  });

  test('never opens a port to somebody whose attempt was set aside', () => {
    const edges = clients.map((each) => edge(each, db));
    const { certificate } = proposalOf(everybody, edges, { maxExtra: 9, rejected: [edge(batch, db)] });
    expect(certificate.budget?.steps.filter(({ workload: id }) => id === db.id)).toEqual([]);
  });

  test('joins public addresses of one name, each address nobody saw at its price', () => {
    const pay = fqdn('api.pay.example');
    const edges = [
      edge(front, pay, { port: 443, addresses: ['203.0.113.8', '203.0.113.9', '203.0.113.11'] }),
    ];
    const { certificate, policies } = proposalOf([front], edges, { maxExtra: 1 });
    expect(policies[0]?.policy.spec.egress?.[0]?.to).toEqual([{ ipBlock: { cidr: '203.0.113.8/30' } }]);
    expect(certificate.budget).toMatchObject({ spent: 1 });
    expect(certificate.extras).toMatchObject([{ kind: 'budgeted', ports: { from: 443, to: 443 } }]);
  });

  test('leaves private addresses as they are', () => {
    const edges = [edge(front, fqdn('db.corp'), { port: 443, addresses: ['10.0.0.8', '10.0.0.9'] })];
    const { policies } = proposalOf([front], edges, { maxExtra: 5 });
    expect(policies[0]?.policy.spec.egress?.[0]?.to).toHaveLength(2);
  });
});
