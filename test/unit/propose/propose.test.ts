import { describe, expect, test } from 'vitest';
import { MINUTE_MS } from '#core/flow/time.ts';
import { describeEdge } from '#core/graph/edge.ts';
import { parseWorkloadId } from '#core/identity/peer.ts';
import { policyProblems } from '#core/policy/literal/problems.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicySpec } from '#core/policy/network-policy.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import {
  baselineOf,
  cidr,
  decided,
  edge,
  entity,
  type FixtureWorkload,
  fqdn,
  WINDOW,
  workload,
} from '../../support/baseline-fixture.ts';
import { cart, db, dns, prom, proposeFrom, shopBaseline, web } from './shop-fixture.ts';

const specOf = (proposal: Proposal, { id }: FixtureWorkload): NetworkPolicySpec | undefined =>
  proposal.policies.find((each) => each.workload === id)?.policy.spec;

const judged = (proposal: Proposal, line: string) =>
  proposal.certificate.conversations.find((each) => each.line === line);

const warnings = (proposal: Proposal): readonly string[] =>
  [...proposal.warnings, ...proposal.policies.flatMap((each) => each.warnings)].map((each) => each.code);

const ns = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
const app = (name: string) => ({ matchLabels: { app: name } });

describe('peers of a rule', () => {
  const proposal = proposeFrom(shopBaseline());

  test('of the same namespace are named by pod labels alone, of another by its name too', () => {
    expect(specOf(proposal, cart)?.ingress).toEqual([
      {
        from: [{ namespaceSelector: ns('monitor'), podSelector: app('prometheus') }],
        ports: [{ protocol: 'TCP', port: 9090 }],
      },
      { from: [{ podSelector: app('web') }], ports: [{ protocol: 'TCP', port: 8080 }] },
    ]);
  });

  test('outside the cluster are the addresses that were seen, one by one, in canonical form', () => {
    const egress = specOf(proposal, cart)?.egress ?? [];
    expect(egress[0]).toEqual({
      to: [{ ipBlock: { cidr: '2001:db8::7/128' } }, { ipBlock: { cidr: '203.0.113.7/32' } }],
      ports: [{ protocol: 'TCP', port: 443 }],
    });
    const reason = proposal.policies.find((each) => each.workload === cart.id)?.reasons[2];
    expect(reason?.comment).toBe('to api.pay.example on TCP 443');
    expect(specOf(proposal, web)?.ingress).toEqual([
      { from: [{ ipBlock: { cidr: '198.51.100.9/32' } }], ports: [{ protocol: 'TCP', port: 443 }] },
    ]);
  });

  test('that are allowed the same ports share one rule', () => {
    expect(specOf(proposal, dns)?.ingress).toEqual([
      {
        from: [
          { namespaceSelector: ns('shop'), podSelector: app('cart') },
          { namespaceSelector: ns('shop'), podSelector: app('web') },
        ],
        ports: [
          { protocol: 'TCP', port: 53 },
          { protocol: 'UDP', port: 53 },
        ],
      },
    ]);
  });

  test('are never an empty list, and no policy is one the API server would refuse', () => {
    for (const { policy } of [...proposal.policies, ...proposal.isolation]) {
      expect(policyProblems(policy)).toEqual([]);
      for (const rule of policy.spec.ingress ?? []) expect(rule.from?.length).toBeGreaterThan(0);
      for (const rule of policy.spec.egress ?? []) expect(rule.to?.length).toBeGreaterThan(0);
    }
  });

  test('without any label that lasts are listed with the reason instead', () => {
    const job = workload('shop/job', { labels: [{ 'job-name': 'job-1' }] });
    const proposed = proposeFrom(baselineOf({ workloads: [cart, job], edges: [edge(job, cart)] }));
    expect(proposed.policies).toEqual([]);
    expect(judged(proposed, describeEdge(edge(job, cart)))).toMatchObject({
      admitted: false,
      reason: 'peer-not-selectable',
    });
    expect(warnings(proposed)).toContain('no-stable-selector');
  });
});

describe('DNS', () => {
  test('is admitted over UDP and TCP; the half that was not seen is a declared extra', () => {
    const proposal = proposeFrom(
      baselineOf({ workloads: [web, dns], edges: [edge(web, dns, { protocol: 'UDP', port: 53 })] }),
    );
    expect(proposal.certificate.extras).toEqual([
      expect.objectContaining({
        from: 'shop/web[Deployment]',
        to: 'kube-system/coredns[Deployment]',
        ports: { protocol: 'TCP', from: 53, to: 53 },
        kind: 'declared',
      }),
    ]);
  });

  test('is known by its questions where the resolver listens on another port', () => {
    const asks = edge(web, dns, { protocol: 'UDP', port: 5353, dnsNames: ['api.example'] });
    const proposal = proposeFrom(baselineOf({ workloads: [web, dns], edges: [asks] }));
    expect(specOf(proposal, web)?.egress?.[0]?.ports).toEqual([
      { protocol: 'TCP', port: 5353 },
      { protocol: 'UDP', port: 5353 },
    ]);
  });

  test('of a resolver at a link-local address is a block of that address', () => {
    const asks = edge(web, cidr('169.254.20.10/32'), {
      protocol: 'UDP',
      port: 53,
      addresses: ['169.254.20.10'],
    });
    const proposal = proposeFrom(baselineOf({ workloads: [web], edges: [asks] }));
    expect(specOf(proposal, web)?.egress).toEqual([
      {
        to: [{ ipBlock: { cidr: '169.254.20.10/32' } }],
        ports: [
          { protocol: 'TCP', port: 53 },
          { protocol: 'UDP', port: 53 },
        ],
      },
    ]);
    expect(proposal.certificate.extras).toMatchObject([{ to: '169.254.20.10/32', kind: 'declared' }]);
  });
});

describe('what NetworkPolicy can not say', () => {
  const entities = ['remote-node', 'kube-apiserver', 'ingress', 'health', 'unmanaged'] as const;

  test.each(entities)('%s is not admitted under Cilium, and the entity that would do it is named', (name) => {
    const from = edge(entity(name), cart, { addresses: ['10.1.0.9'] });
    const to = edge(cart, entity(name), { addresses: ['10.1.0.9'] });
    const proposal = proposeFrom(baselineOf({ workloads: [cart, web], edges: [from, to, edge(web, cart)] }));
    const reason = { admitted: false, reason: 'entity-not-expressible' };
    expect(judged(proposal, describeEdge(from))).toMatchObject(reason);
    expect(judged(proposal, describeEdge(from))?.note).toContain(`fromEntities: [${name}]`);
    expect(judged(proposal, describeEdge(to))).toMatchObject(reason);
    expect(judged(proposal, describeEdge(to))?.note).toContain(`toEntities: [${name}]`);
  });

  test('a node to its own pods is admitted without a rule; a pod to its node is not', () => {
    const probe = edge(entity('host'), cart, { addresses: ['10.1.0.9'] });
    const call = edge(cart, entity('host'), { port: 4244 });
    const proposal = proposeFrom(
      baselineOf({ workloads: [cart, web], edges: [probe, call, edge(web, cart)] }),
    );
    expect(judged(proposal, describeEdge(probe))).toMatchObject({ admitted: true });
    expect(judged(proposal, describeEdge(call))).toMatchObject({ reason: 'entity-not-expressible' });
    expect(specOf(proposal, cart)?.ingress).toHaveLength(1);
  });

  test('the API server is a block of its addresses where the plugin holds blocks against nodes', () => {
    const call = edge(cart, entity('kube-apiserver'), { port: 6443, addresses: ['172.18.0.3'] });
    const proposal = proposeFrom(baselineOf({ workloads: [cart], edges: [call] }), KUBERNETES_PROFILE);
    expect(specOf(proposal, cart)?.egress).toEqual([
      { to: [{ ipBlock: { cidr: '172.18.0.3/32' } }], ports: [{ protocol: 'TCP', port: 6443 }] },
    ]);
    expect(judged(proposal, describeEdge(call))).toMatchObject({ admitted: true });
  });

  test('ICMP is not admitted, and many ports or addresses are no rule', () => {
    const ping = edge(web, cart, { protocol: 'ICMPv4', port: 'none' });
    const many = edge(web, cart, { port: 'many' });
    const outside = edge(web, { kind: 'other-external' }, { port: 443 });
    const proposal = proposeFrom(baselineOf({ workloads: [web, cart], edges: [ping, many, outside] }));
    expect(judged(proposal, describeEdge(ping))).toMatchObject({ reason: 'protocol-not-expressible' });
    expect(judged(proposal, describeEdge(many))).toMatchObject({ admitted: false, reason: 'folded' });
    expect(judged(proposal, describeEdge(outside))).toMatchObject({ admitted: false, reason: 'folded' });
    expect(proposal.policies).toEqual([]);
  });

  test('a name without a known address is not selectable', () => {
    const call = edge(cart, fqdn('api.example'), { port: 443 });
    const proposal = proposeFrom(baselineOf({ workloads: [cart], edges: [call] }));
    expect(judged(proposal, describeEdge(call))).toMatchObject({ reason: 'peer-not-selectable' });
  });

  test('an edge with more addresses than are kept is listed, and those that are kept are admitted', () => {
    const call = edge(cart, fqdn('cdn.example'), {
      addresses: ['203.0.113.9'],
      truncated: new Set(['addresses']),
    });
    const proposal = proposeFrom(baselineOf({ workloads: [cart], edges: [call] }));
    expect(judged(proposal, describeEdge(call))).toMatchObject({ admitted: false, reason: 'folded' });
    expect(specOf(proposal, cart)?.egress).toHaveLength(1);
  });
});

describe('evidence', () => {
  const audited = edge(web, cart, { outcomes: { forwarded: 0, audited: 20 } });

  test('held and rejected edges get no rule and are listed with the reason', () => {
    const held = decided(edge(web, cart), 'held', { reason: 'One replica only.' });
    const rejected = decided(edge(prom, cart, { port: 9090 }), 'rejected', { actor: 'ann' });
    const proposal = proposeFrom(baselineOf({ workloads: [web, cart, prom], edges: [held, rejected] }));
    expect(proposal.policies).toEqual([]);
    expect(proposal.certificate.conversations).toMatchObject([
      { reason: 'rejected', accepted: false },
      { reason: 'held-for-review', accepted: false, note: 'One replica only.' },
    ]);
    expect(warnings(proposal)).toContain('held-edges');
  });

  test('what passed in audit mode becomes a rule once a person accepted it', () => {
    const byRule = proposeFrom(baselineOf({ workloads: [web, cart], edges: [decided(audited, 'accepted')] }));
    expect(byRule.certificate.conversations).toMatchObject([{ admitted: false, reason: 'held-for-review' }]);
    const byAnn = decided(audited, 'accepted', { actor: 'ann' });
    const proposal = proposeFrom(baselineOf({ workloads: [web, cart], edges: [byAnn] }));
    expect(proposal.certificate.conversations).toMatchObject([{ admitted: true }]);
  });

  test('denied attempts are never evidence, not even when somebody accepts them', () => {
    const denied = edge(web, cart, { outcomes: { forwarded: 0, denied: 20 } });
    const proposal = proposeFrom(
      baselineOf({ workloads: [web, cart], edges: [decided(denied, 'accepted', { actor: 'ann' })] }),
    );
    expect(proposal.policies).toEqual([]);
    expect(proposal.certificate.conversations).toMatchObject([{ admitted: false, conversations: 0 }]);
  });

  test('a rule is as well supported as the weakest of its edges', () => {
    const once = edge(db, dns, { protocol: 'UDP', port: 53, conversations: 1, minutes: 1 });
    const often = edge(web, dns, { protocol: 'UDP', port: 53 });
    const weak = edge(web, cart, {
      minutes: 2,
      counts: { atSource: 0 },
      proofs: { handshake: 0, listener: 20 },
    });
    const proposal = proposeFrom(baselineOf({ workloads: [db, web, dns, cart], edges: [once, often, weak] }));
    const grades = proposal.policies.map(({ workload: id, reasons }) => [
      id.split('/').at(-1),
      reasons.map((r) => r.confidence).join(''),
    ]);
    expect(Object.fromEntries(grades)).toEqual({ coredns: 'D', cart: 'D', web: 'AD', db: 'D' });
  });
});

describe('who counts as seen', () => {
  test('is the cluster of the scope and whom it talks with; a namesake in another cluster is no collision', () => {
    const namesake = workload('shop/web', { cluster: 'east' });
    const met = workload('shop/far', { cluster: 'east' });
    const edges = [edge(web, cart), edge(web, met, { port: 9000 })];
    const proposal = proposeFrom(baselineOf({ workloads: [web, cart, namesake, met], edges }));
    expect(warnings(proposal)).not.toContain('selector-collision');
    expect(proposal.certificate.owners.map((each) => each.workload)).toEqual([cart.id, web.id, met.id]);
    expect(proposal.policies.map((each) => each.workload)).toEqual([cart.id, web.id]);
    expect(proposal.certificate.totals.coverage).toBe(1);
  });

  test('takes a pod that some flows show without labels for the pod that others show with them', () => {
    const [row] = web.pods;
    if (row === undefined) throw new Error('no pod');
    const blurred = { ...web, pods: [row, { ...row, labels: new Map<string, string>() }] };
    const proposal = proposeFrom(baselineOf({ workloads: [blurred, cart], edges: [edge(web, cart)] }));
    expect(specOf(proposal, web)?.podSelector).toEqual(app('web'));
    expect(warnings(proposal)).not.toContain('no-stable-selector');
  });
});

describe('warnings', () => {
  test('addresses that still appeared in the last fifth of the window are flagged', () => {
    const late = WINDOW.until - 5 * MINUTE_MS;
    const growing = edge(cart, fqdn('api.example'), { addresses: ['203.0.113.1', ['203.0.113.2', late]] });
    const settled = edge(web, fqdn('api.example'), { addresses: ['203.0.113.1'] });
    const proposal = proposeFrom(baselineOf({ workloads: [cart, web], edges: [growing, settled] }));
    const flagged = proposal.policies.filter((each) =>
      each.warnings.some((one) => one.code === 'external-still-growing'),
    );
    expect(flagged.map((each) => each.workload)).toEqual([cart.id]);
  });

  test('default deny names whom it isolates without evidence', () => {
    const silent = workload('shop/silent');
    const proposal = proposeFrom(baselineOf({ workloads: [web, cart, silent], edges: [edge(web, cart)] }));
    expect(proposal.isolation.map((each) => each.policy.spec)).toEqual([
      { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    ]);
    expect(proposal.isolation[0]?.isolatesWithoutEvidence).toEqual([cart.id, silent.id, web.id]);
    const alone = proposal.warnings.filter((each) => each.code === 'isolated-without-evidence');
    expect(alone.map((each) => each.workload)).toEqual([silent.id]);
  });

  test('a scope of single workloads closes no namespace, since it says nothing about their neighbours', () => {
    const proposal = proposeFrom(
      baselineOf({ workloads: [web, cart], edges: [edge(web, cart)], scope: { workloads: [cart.id] } }),
    );
    expect(proposal.isolation).toEqual([]);
    expect(proposal.policies.map((each) => each.workload)).toEqual([cart.id]);
  });

  test('only workloads of the scope get policies; their peers outside of it are still named', () => {
    const shop = baselineOf({
      workloads: [web, cart, dns],
      edges: [edge(web, cart), edge(web, dns, { protocol: 'UDP', port: 53 })],
      scope: { namespaces: [parseWorkloadId(web.id).namespace] },
    });
    const proposal = proposeFrom(shop);
    expect(proposal.policies.map((each) => each.workload)).toEqual([cart.id, web.id]);
    expect(proposal.isolation.map((each) => each.namespace)).toEqual(['shop']);
    expect(proposal.certificate.totals.coverage).toBe(1);
  });
});
