import { describe, expect, test } from 'vitest';
import { parseAskedEnd } from '#core/policy/explain/asked-end.ts';
import type { Explanation } from '#core/policy/explain/explain.ts';
import type { Miss } from '#core/policy/explain/misses.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import { app, namespaceNamed, policyOf } from '../policy-literal/small-world.ts';
import { ask, POPULATION, populationWith, WEB_POD } from './small-population.ts';

const TCP_8080 = [{ protocol: 'TCP', port: 8080 }];

const cartAccepts = (rule: object, spec: object = {}): NetworkPolicy =>
  policyOf({ podSelector: app('cart'), policyTypes: ['Ingress'], ingress: [rule], ...spec }, 'cart');

const DENY_ALL = policyOf({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] }, 'deny-all');

const nearest = ({ cases }: Explanation) => cases[0]?.explained.ingress.nearest;

const partsOf = ({ patch }: Explanation) => (patch?.kind === 'patch' ? patch.patch.parts : []);

test('without a policy everything is open, and there is nothing to patch', () => {
  const told = ask(['shop/web', 'shop/cart'], []);
  expect(told).toMatchObject({ answer: 'allowed', patch: undefined });
  expect(told.cases).toHaveLength(1);
  expect(told.cases[0]?.explained).toMatchObject({
    egress: { decision: 'open' },
    ingress: { decision: 'open' },
  });
});

test('when allowed, every rule that allows it is named', () => {
  const policies = [
    cartAccepts({ from: [{ podSelector: app('web') }], ports: TCP_8080 }),
    policyOf(
      { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: app('db') }] }, {}] },
      'open',
    ),
  ];
  const told = ask(['shop/web', 'shop/cart'], policies);
  expect(told.cases[0]?.explained.ingress).toMatchObject({
    decision: 'allowed',
    isolatedBy: [0, 1],
    allowedBy: [
      { policy: 0, rule: 0, peer: 0, port: 0 },
      { policy: 1, rule: 1, peer: undefined, port: undefined },
    ],
  });
});

describe('when denied, the nearest rule says what did not match:', () => {
  test.each<{ name: string; policy: NetworkPolicy; misses: readonly Partial<Miss>[]; asked?: object }>([
    {
      name: 'a label',
      policy: cartAccepts({ from: [{ podSelector: app('webb') }], ports: TCP_8080 }),
      misses: [{ what: 'label', wanted: 'app=webb', found: 'app=web', key: 'app' }],
    },
    {
      name: 'a label that is not there',
      policy: cartAccepts({ from: [{ podSelector: { matchLabels: { app: 'web', tier: 'front' } } }] }),
      misses: [{ what: 'label', wanted: 'tier=front', found: 'no label tier' }],
    },
    {
      name: 'a namespace',
      policy: cartAccepts({
        from: [{ namespaceSelector: namespaceNamed('monitor'), podSelector: app('web') }],
      }),
      misses: [
        {
          what: 'namespace',
          wanted: 'kubernetes.io/metadata.name=monitor',
          found: 'kubernetes.io/metadata.name=shop on namespace shop',
        },
      ],
    },
    {
      name: 'a port',
      policy: cartAccepts({ from: [{ podSelector: app('web') }], ports: [{ port: 8081 }] }),
      misses: [{ what: 'port', wanted: 'TCP 8081', found: 'TCP 8080' }],
    },
    {
      name: 'the name of a port',
      policy: cartAccepts({ from: [{ podSelector: app('web') }], ports: [{ port: 'metrics' }] }),
      misses: [{ what: 'port', wanted: 'TCP metrics' }],
    },
    {
      name: 'a protocol',
      policy: cartAccepts({ from: [{ podSelector: app('web') }], ports: [{ protocol: 'UDP', port: 8080 }] }),
      misses: [{ what: 'protocol', wanted: 'UDP 8080', found: 'TCP 8080' }],
    },
    {
      name: 'a direction that policyTypes leave out',
      policy: cartAccepts({ from: [{ podSelector: app('web') }] }, { policyTypes: ['Egress'] }),
      misses: [{ what: 'direction', wanted: 'Egress', found: 'ingress' }],
    },
    {
      name: 'a rule under the other direction',
      policy: policyOf({
        podSelector: app('cart'),
        policyTypes: ['Egress'],
        egress: [{ to: [{ podSelector: app('web') }] }],
      }),
      misses: [{ what: 'direction', wanted: 'Egress', found: 'ingress' }],
    },
    {
      name: 'the pods the policy is about',
      policy: policyOf({ podSelector: app('carts'), ingress: [{ from: [{ podSelector: app('web') }] }] }),
      misses: [{ what: 'subject', wanted: 'app=carts', found: 'app=cart' }],
    },
    {
      name: 'the namespace of the policy',
      policy: policyOf(
        { podSelector: app('cart'), ingress: [{ from: [{ namespaceSelector: namespaceNamed('shop') }] }] },
        'cart',
        'default',
      ),
      misses: [{ what: 'policy-namespace', wanted: 'default', found: 'shop' }],
    },
    {
      name: 'a block of addresses, which Cilium never holds against pods',
      policy: cartAccepts({ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: TCP_8080 }),
      misses: [{ what: 'address', wanted: '10.0.0.0/8', found: 'pod shop/web-1 10.0.0.1' }],
    },
    {
      name: 'a piece that is malformed',
      policy: cartAccepts({ from: [{ podSelector: app('web') }], ports: [{ protocol: 'ICMP' }] }),
      misses: [{ what: 'fault' }],
    },
  ])('$name', ({ policy, misses }) => {
    const told = ask(['shop/web', 'shop/cart'], [DENY_ALL, policy]);
    expect(told.answer).toBe('denied');
    expect(nearest(told)).toMatchObject({ policy: 1, rule: 0 });
    expect(nearest(told)?.misses).toMatchObject(misses);
    expect(nearest(told)?.misses).toHaveLength(misses.length);
  });

  test('and a rule about somebody else on something else is near to nothing', () => {
    const policy = cartAccepts({ from: [{ podSelector: app('db') }], ports: [{ port: 1 }] });
    expect(nearest(ask(['shop/web', 'shop/cart'], [policy]))).toBeUndefined();
  });
});

describe('the patch', () => {
  test('adds to the policy that is about that workload alone, a rule for one peer and one port', () => {
    const policies = [DENY_ALL, policyOf({ podSelector: app('cart'), policyTypes: ['Ingress'] }, 'cart')];
    const told = ask(['monitor/scraper', 'shop/cart'], policies);
    expect(told.patch).toMatchObject({ kind: 'patch', patch: { alsoAllows: [] } });
    expect(partsOf(told)).toMatchObject([
      {
        direction: 'ingress',
        addTo: 1,
        rule: {
          from: [{ namespaceSelector: namespaceNamed('monitor'), podSelector: app('scraper') }],
          ports: TCP_8080,
        },
      },
    ]);
  });

  test('never adds to a default deny, not even where it is about a single workload today', () => {
    // `monitor` has one pod that policies govern: the scraper.
    const policy = policyOf({ podSelector: {}, policyTypes: ['Ingress'] }, 'deny');
    const monitorDeny = { ...policy, metadata: { ...policy.metadata, namespace: 'monitor' } };
    const [part, ...others] = partsOf(ask(['shop/web', 'monitor/scraper'], [monitorDeny]));
    expect(others).toEqual([]);
    expect(part?.addTo).toBeUndefined();
  });

  test('is a policy of its own where the only ones there are about everybody, one for each direction', () => {
    const told = ask(['shop/web', 'shop/cart'], [DENY_ALL]);
    expect(told.patch).toMatchObject({ kind: 'patch', patch: { alsoAllows: [] } });
    const parts = partsOf(told);
    expect(parts.map(({ direction, addTo }) => [direction, addTo])).toEqual([
      ['egress', undefined],
      ['ingress', undefined],
    ]);
    expect(parts[1]?.policy).toEqual({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'cart-ingress-tcp-8080', namespace: 'shop' },
      spec: {
        podSelector: app('cart'),
        policyTypes: ['Ingress'],
        ingress: [{ from: [{ podSelector: app('web') }], ports: TCP_8080 }],
      },
    });
  });

  test('says what else it allows when labels can not tell two workloads apart', () => {
    const population = populationWith({ ...WEB_POD, name: 'shadow-1' });
    const told = ask(['shop/web', 'shop/cart'], [policyOf({ podSelector: app('cart') }, 'cart')], {
      population,
    });
    expect(told.patch).toMatchObject({
      kind: 'patch',
      patch: { alsoAllows: [{ from: 'shop/shadow[Deployment]', to: 'shop/cart[Deployment]' }] },
    });
  });

  test('names one address outside, and never a wider block', () => {
    const told = ask(['shop/web', '203.0.113.7'], [DENY_ALL], { port: 443 });
    expect(partsOf(told)[0]?.rule).toEqual({
      to: [{ ipBlock: { cidr: '203.0.113.7/32' } }],
      ports: [{ protocol: 'TCP', port: 443 }],
    });
  });

  test('is none for what Cilium gives an identity of its own, with the words that would help', () => {
    expect(ask(['shop/web', 'kube-apiserver'], [DENY_ALL], { port: 6443 }).patch).toMatchObject({
      kind: 'none',
      reason: 'entity-not-expressible',
      note: expect.stringContaining('toEntities: [kube-apiserver]'),
    });
    expect(ask(['shop/web', 'monitor/agent'], [DENY_ALL]).patch).toMatchObject({ kind: 'none' });
  });

  test('is a block of the node address where the network holds blocks against nodes', () => {
    const told = ask(['shop/web', 'monitor/agent'], [DENY_ALL], { profile: KUBERNETES_PROFILE });
    expect(partsOf(told)[0]?.rule).toMatchObject({ to: [{ ipBlock: { cidr: '192.168.0.2/32' } }] });
  });

  test('is none when a pod has ended', () => {
    const population = populationWith({ ...WEB_POD, name: 'job-1', phase: 'Succeeded' });
    expect(ask(['shop/job', 'shop/cart'], [], { population })).toMatchObject({
      answer: 'denied',
      patch: { kind: 'none', reason: 'terminated' },
    });
  });
});

describe('an end', () => {
  test('of several kinds of pods is told case by case, denied ones first', () => {
    const population = populationWith({ ...WEB_POD, name: 'web-3', labels: [['app', 'canary']] });
    const told = ask(['shop/web', 'shop/cart'], [cartAccepts({ from: [{ podSelector: app('web') }] })], {
      population,
    });
    expect(told.answer).toBe('some');
    expect(told.cases.map(({ fromName, explained }) => [fromName, explained.allowed])).toEqual([
      ['shop/web-3', false],
      ['shop/web-1', true],
    ]);
  });

  test('that is a CIDR is cut where a policy tells two of its addresses apart', () => {
    const policy = policyOf({
      podSelector: app('web'),
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '203.0.113.0/25' } }] }],
    });
    const told = ask(['shop/web', '203.0.113.0/24'], [policy]);
    expect(told.answer).toBe('some');
    expect(told.cases.map(({ toName }) => toName)).toEqual(['203.0.113.128/25', '203.0.113.0/25']);
  });

  test('that is the address of a known pod is that pod', () => {
    const told = ask(['10.0.0.2', 'shop/cart'], [cartAccepts({ from: [{ podSelector: app('web') }] })]);
    expect(told.answer).toBe('allowed');
    expect(told.cases[0]?.fromName).toBe('shop/web-2');
  });

  test('that is its own workload means another replica, and one pod named twice means itself', () => {
    expect(ask(['shop/web', 'shop/web'], [DENY_ALL]).answer).toBe('denied');
    const self = ask(['shop/web-1', 'shop/web-1'], [DENY_ALL]);
    expect(self.cases[0]?.explained.verdict.reason).toBe('same-pod');
    expect(self.answer).toBe('allowed');
  });

  test('of another cluster can not be asked about: these policies are not applied there', () => {
    const foreign = POPULATION.residents.map((each) => ({ ...each, isForeign: each.name === 'web' }));
    const population = { ...POPULATION, residents: foreign };
    expect(parseAskedEnd('shop/web', population, [])).toMatchObject({ ok: false });
    expect(parseAskedEnd('shop/cart', population, [])).toMatchObject({ ok: true });
  });

  test.each([
    ['shop/nobody', 'nobody_there'],
    ['cart', 'no_end'],
    ['10.0.0.0/64', 'nobody_there'],
    ['', 'no_end'],
    ['shop/cart/extra', 'no_end'],
  ])('that means nobody is refused: %s', (text, code) => {
    expect(parseAskedEnd(text, POPULATION, [])).toMatchObject({ ok: false, error: { code } });
  });

  test('that several kinds of workload share has to name its kind', () => {
    const twice = POPULATION.residents.map((each) => ({
      ...each,
      text: 'shop/web[Job]',
      owner: 'shop/web[Job]',
    }));
    const population = { ...POPULATION, residents: [...POPULATION.residents, ...twice.slice(0, 1)] };
    expect(parseAskedEnd('shop/web', population, [])).toMatchObject({
      ok: false,
      error: { code: 'several_kinds', similar: ['shop/web[Deployment]', 'shop/web[Job]'] },
    });
    expect(parseAskedEnd('shop/web[Job]', population, [])).toMatchObject({
      ok: true,
      value: { text: 'shop/web[Job]' },
    });
  });
});
