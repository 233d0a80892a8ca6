import { describe, expect, test } from 'vitest';
import { addressAtoms } from '#core/policy/certify/address-atoms.ts';
import { decodeCertificate } from '#core/policy/certify/certificate-codec.ts';
import { openingsOf } from '#core/policy/certify/openings.ts';
import { intervalsOf } from '#core/policy/certify/port-intervals.ts';
import { type PolicyOnDisk, type RecheckFinding, recheck } from '#core/policy/certify/recheck.ts';
import type { NetworkPolicy, NetworkPolicySpec } from '#core/policy/network-policy.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import { baselineOf, edge, sha256, workload } from '../../support/baseline-fixture.ts';
import { cart, db, prom, proposeFrom, shopBaseline, web } from './shop-fixture.ts';

const onDisk = (proposal: Proposal): readonly PolicyOnDisk[] =>
  [...proposal.policies, ...proposal.isolation].map(({ policy }) => ({
    policy,
    file: `${policy.metadata.namespace}/${policy.metadata.name}.yaml`,
  }));

const certified = proposeFrom(shopBaseline());

const again = (policies: readonly PolicyOnDisk[], certificate = certified.certificate) =>
  recheck({ certificate, policies, hash: sha256 });

const problems = (findings: readonly RecheckFinding[]): readonly string[] =>
  findings.filter((each) => each.severity === 'problem').map((each) => `${each.code} ${each.subject}`);

/** The policies with one of them changed, as by a person with an editor. */
function edited(
  name: string,
  change: (spec: NetworkPolicySpec) => NetworkPolicySpec,
): readonly PolicyOnDisk[] {
  return onDisk(certified).map(({ policy, file }) =>
    policy.metadata.name.startsWith(name)
      ? { file, policy: { ...policy, spec: change(policy.spec) } }
      : { file, policy },
  );
}

describe('the universe', () => {
  test('cuts ports where something changes and covers each port once', () => {
    expect(intervalsOf('TCP', [80, 81, 443, 444, 1, 70_000])).toEqual([
      { protocol: 'TCP', from: 1, to: 79 },
      { protocol: 'TCP', from: 80, to: 80 },
      { protocol: 'TCP', from: 81, to: 442 },
      { protocol: 'TCP', from: 443, to: 443 },
      { protocol: 'TCP', from: 444, to: 65_535 },
    ]);
  });

  test('has one atom for each prefix that is not filled by smaller ones, of both families', () => {
    const atoms = addressAtoms([
      '10.0.0.0/8',
      '10.1.0.0/16',
      '10.0.0.0/9',
      '10.128.0.0/9',
      '2001:db8::/32',
      'nonsense',
    ]);
    expect(atoms.map(({ text }) => text)).toEqual([
      'any other IPv4 address',
      '10.0.0.0/9 (rest)',
      '10.1.0.0/16',
      '10.128.0.0/9',
      '2001:db8::/32',
      'any other IPv6 address',
    ]);
    expect(atoms.find(({ cidr }) => cidr === '10.0.0.0/9')?.ip).not.toMatch(/^10\.1\./);
  });
});

describe('a certificate', () => {
  test('lists every training conversation, and finds no extra but what was declared', () => {
    const { conversations, extras, totals } = certified.certificate;
    expect(conversations).toHaveLength(11);
    expect(conversations.filter((each) => !each.admitted).map((each) => each.reason)).toEqual([
      'entity-not-expressible',
      'protocol-not-expressible',
    ]);
    expect(extras.every((each) => each.kind === 'declared')).toBe(true);
    expect(totals).toMatchObject({ trainingEdges: 11, admittedEdges: 9, pairsBefore: 20, pairsAfter: 5 });
  });

  test('names the extras of two workloads that no label tells apart, and the rules to blame', () => {
    const twin = workload('shop/twin', { labels: [{ app: 'cart' }] });
    const proposal = proposeFrom(baselineOf({ workloads: [web, cart, twin], edges: [edge(web, cart)] }));
    const name = proposal.policies.find((each) => each.workload === cart.id)?.policy.metadata.name;
    const client = proposal.policies.find((each) => each.workload === web.id)?.policy.metadata.name;
    expect(proposal.certificate.extras).toEqual([
      {
        from: 'shop/web[Deployment]',
        to: 'shop/twin[Deployment]',
        ports: { protocol: 'TCP', from: 8080, to: 8080 },
        admittedBy: [`shop/${client} egress[0]`, `shop/${name} ingress[0]`],
        kind: 'collision',
        why: 'The labels that select shop/cart[Deployment] also select shop/twin[Deployment].',
      },
    ]);
    expect(proposal.certificate.totals.tightness).toBe(0.5);
  });

  test('tells replicas that talk with each other from a pod that talks with itself', () => {
    const proposal = proposeFrom(baselineOf({ workloads: [db], edges: [edge(db, db, { port: 5433 })] }));
    expect(proposal.certificate.conversations).toMatchObject([{ admitted: true }]);
    const denied = proposeFrom(baselineOf({ workloads: [db, web], edges: [edge(web, db)] }));
    expect(denied.certificate.extras).toEqual([]);
  });

  test('has one hash for one content, whoever wrote it and in whatever order the edges came', () => {
    const { edges, ...rest } = shopBaseline();
    const reversed = proposeFrom({ ...rest, edges: new Map([...edges].reverse()) });
    expect(reversed).toEqual(certified);
  });

  test('reads back from JSON as it was, hash and all', () => {
    const text = JSON.stringify(certified.certificate);
    const read = decodeCertificate(JSON.parse(text));
    expect(read).toEqual({ ok: true, value: JSON.parse(text) });
    expect(read.ok && problems(again(onDisk(certified), read.value).findings)).toEqual([]);
  });
});

describe('a clause that opens too much', () => {
  const of = (spec: Omit<NetworkPolicySpec, 'podSelector'>): readonly string[] =>
    openingsOf({ metadata: { name: 'x' }, spec: { podSelector: {}, ...spec } }).map(
      ({ path, what }) => `${path} ${what}`,
    );
  const to = [{ podSelector: { matchLabels: { app: 'db' } } }];
  const ports = [{ protocol: 'TCP', port: 80 }];

  test.each([
    [{ ingress: [{ ports }] }, 'spec.ingress[0].from is empty and means anybody'],
    [{ egress: [{ to: [], ports }] }, 'spec.egress[0].to is empty and means anybody'],
    [{ egress: [{ to }] }, 'spec.egress[0].ports is empty and means every port'],
    [{ egress: [{ to: [{}], ports }] }, 'spec.egress[0].to[0] names no peer at all'],
    [{ egress: [{ to: [{ namespaceSelector: {} }], ports }] }, 'spec.egress[0].to[0] means every namespace'],
    [
      { egress: [{ to: [...to, { podSelector: {} }], ports }] },
      'spec.egress[0].to[1] means every pod of the namespace',
    ],
    [
      { egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }], ports }] },
      'spec.egress[0].to[0] means every address',
    ],
    [
      { egress: [{ to: [{ ipBlock: { cidr: '::/0' } }], ports }] },
      'spec.egress[0].to[0] means every address',
    ],
    [
      { egress: [{ to, ports: [{ protocol: 'TCP' }] }] },
      'spec.egress[0].ports[0] means every port of the protocol',
    ],
    [{ egress: [{ to, ports: [{ port: 1, endPort: 101 }] }] }, 'spec.egress[0].ports[0] spans 101 ports'],
  ])('is named with its path: %j', (spec, line) => {
    expect(of(spec)).toEqual([line]);
  });

  test('is never part of a proposal', () => {
    for (const { policy } of [...certified.policies, ...certified.isolation])
      expect(openingsOf(policy)).toEqual([]);
  });
});

describe('checking a certificate again', () => {
  test('finds nothing where nothing changed', () => {
    expect(again(onDisk(certified)).findings).toEqual([]);
  });

  test('names a rule that was taken away, and the conversation that it cuts', () => {
    const { findings } = again(edited('db-', ({ ingress: _ingress, ...spec }) => spec));
    expect(problems(findings)).toEqual([
      expect.stringMatching(/^policy-edited shop\/db-/),
      'conversation-denied shop/cart[Deployment] => shop/db[StatefulSet] : TCP 5432',
      'conversation-denied shop/db[StatefulSet] => shop/db[StatefulSet] : TCP 5433',
    ]);
  });

  test('names what a widened rule admits', () => {
    const { findings } = again(
      edited('cart-', (spec) => ({
        ...spec,
        ingress: [...(spec.ingress ?? []), { from: [{ podSelector: {} }], ports: [{ port: 22 }] }],
      })),
    );
    expect(problems(findings)).toEqual([
      expect.stringMatching(/^policy-edited shop\/cart-/),
      expect.stringMatching(/^policy-opens shop\/cart-/),
    ]);
    const both = edited('', (spec) => ({ ...spec, egress: [{}], ingress: [{}] }));
    const open = again(both).findings;
    expect(problems(open)).toContain(
      'extra-unlisted monitor/prometheus[Deployment] => shop/db[StatefulSet] : TCP 1-65535',
    );
    expect(problems(open)).toContain('extra-unlisted shop/web[Deployment] => any IPv4 address : TCP 1-65535');
  });

  test('cuts the world at the blocks of the policies as they stand, not as they were', () => {
    const { findings } = again(
      edited('web-', (spec) => ({
        ...spec,
        egress: [
          ...(spec.egress ?? []),
          { to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.9.0.0/16'] } }], ports: [{ port: 443 }] },
        ],
      })),
    );
    expect(problems(findings)).toContain(
      'extra-unlisted shop/web[Deployment] => 10.0.0.0/8 (rest) : TCP 443',
    );
    expect(problems(findings).filter((each) => each.includes('10.9.0.0/16'))).toEqual([]);
  });

  test('names policies that are missing, added, written twice, or that no API server would take', () => {
    const [first, ...rest] = onDisk(certified);
    if (first === undefined) throw new Error('no policies');
    const stranger: NetworkPolicy = {
      metadata: { name: 'stranger', namespace: 'shop' },
      spec: { podSelector: {} },
    };
    const broken = {
      ...first,
      policy: { ...first.policy, spec: { ...first.policy.spec, policyTypes: ['Both' as never] } },
    };
    expect(problems(again(rest).findings)[0]).toMatch(/^policy-missing kube-system\/coredns-/);
    expect(problems(again([...rest, first, { policy: stranger, file: 's.yaml' }]).findings)).toEqual([
      'policy-added s.yaml',
    ]);
    expect(problems(again([first, ...rest, { ...first, file: 'copy.yaml' }]).findings)).toEqual([
      'policy-duplicated copy.yaml',
    ]);
    expect(problems(again([broken, ...rest]).findings)).toContain(`policy-malformed ${first.file}`);
  });

  test('takes a policy of an earlier export for what it is', () => {
    const kept = {
      policy: {
        metadata: { name: 'old', namespace: 'shop' },
        spec: { podSelector: { matchLabels: { app: 'gone' } } },
      },
      file: 'old.yaml',
      retained: true,
    };
    const { findings } = again([...onDisk(certified), kept]);
    expect(problems(findings)).toEqual([]);
    expect(findings.map((each) => each.code)).toEqual(['policy-retained']);
  });

  test('sees a certificate that was tampered with, even when its hash was made to fit', () => {
    const without = { ...certified.certificate, extras: [] };
    expect(problems(again(onDisk(certified), without).findings)[0]).toBe(
      'certificate-damaged certificate.json',
    );
    const cutShort = {
      ...certified.certificate,
      conversations: certified.certificate.conversations.slice(1),
    };
    expect(problems(again(onDisk(certified), cutShort).findings)).toContain(
      'extra-unlisted 198.51.100.9/32 => shop/web[Deployment] : TCP 443',
    );
  });

  test('holds newer conversations against the policies', () => {
    const fresh = [edge(web, cart), edge(prom, db, { port: 5432 }), edge(cart, workload('shop/new'))];
    const { findings } = recheck({
      certificate: certified.certificate,
      policies: onDisk(certified),
      hash: sha256,
      edges: fresh,
    });
    expect(problems(findings)).toEqual([
      'fresh-conversation-denied monitor/prometheus[Deployment] => shop/db[StatefulSet] : TCP 5432',
      'fresh-conversation-denied shop/cart[Deployment] => shop/new[Deployment] : TCP 8080',
    ]);
  });

  test('tells of progress from the first pod to the last', () => {
    const steps: (readonly [number, number])[] = [];
    recheck({
      certificate: certified.certificate,
      policies: onDisk(certified),
      hash: sha256,
      onProgress: (done, total) => steps.push([done, total]),
    });
    expect(steps).toEqual([0, 1, 2, 3, 4, 5].map((done) => [done, 5]));
  });
});
