import { describe, expect, test } from 'vitest';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import { app, container, controller, linesOf, ownedBy, pod, policy } from './cluster-fixture.ts';

const DENY_ALL = policy('deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
const [cart, db] = [controller('Deployment', 'cart'), controller('StatefulSet', 'db', { replicas: 1 })];

const inside = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => !line.includes('[external]'));

describe('who may talk to whom', () => {
  test('without policies everybody may talk to everybody, and a lone replica not to itself', () => {
    expect(linesOf([cart, db])).toEqual([
      'shop/cart[Deployment] => shop/cart[Deployment] : all ports',
      'shop/cart[Deployment] => shop/db[StatefulSet] : all ports',
      'shop/cart[Deployment] => 0.0.0.0/0[external] : all ports',
      'shop/cart[Deployment] => ::/0[external] : all ports',
      'shop/db[StatefulSet] => shop/cart[Deployment] : all ports',
      'shop/db[StatefulSet] => 0.0.0.0/0[external] : all ports',
      'shop/db[StatefulSet] => ::/0[external] : all ports',
      '0.0.0.0/0[external] => shop/cart[Deployment] : all ports',
      '0.0.0.0/0[external] => shop/db[StatefulSet] : all ports',
      '::/0[external] => shop/cart[Deployment] : all ports',
      '::/0[external] => shop/db[StatefulSet] : all ports',
    ]);
  });

  test('a connection needs the egress of the one and the ingress of the other', () => {
    const out = policy('out', { podSelector: app('cart'), egress: [{ to: [{ podSelector: app('db') }] }] });
    const into = policy('in', {
      podSelector: app('db'),
      ingress: [
        { from: [{ podSelector: app('cart') }], ports: [{ port: 5432 }, { port: 6000, endPort: 6010 }] },
      ],
    });
    expect(linesOf([cart, db, DENY_ALL, out])).toEqual([]);
    expect(linesOf([cart, db, DENY_ALL, out, into])).toEqual([
      'shop/cart[Deployment] => shop/db[StatefulSet] : TCP 5432,6000-6010',
    ]);
  });

  test('a port name means what the destination makes of it', () => {
    const named = pod('api', { labels: { app: 'api' } }, { containers: [container('http:8081')] });
    const into = policy('in', { podSelector: app('api'), ingress: [{ ports: [{ port: 'http' }] }] });
    const toApi = inside(linesOf([cart, named, into])).filter((line) => line.includes('=> shop/api'));
    expect(toApi).toEqual(['shop/cart[Deployment] => shop/api[Pod] : TCP 8081']);
  });

  test('where the pods of a workload differ, the line says what only some may', () => {
    const pods = ['a', 'b'].map((name) =>
      pod(`web-${name}`, { labels: { tier: name }, ...ownedBy('DaemonSet', 'web') }),
    );
    const into = policy('in', {
      podSelector: app('cart'),
      ingress: [
        { from: [{ podSelector: { matchLabels: { tier: 'a' } } }], ports: [{ port: 80 }] },
        { from: [{ podSelector: {} }], ports: [{ port: 443 }] },
      ],
    });
    expect(
      inside(linesOf([cart, ...pods, into])).filter(
        (line) => line.startsWith('shop/web') && line.includes('=> shop/cart'),
      ),
    ).toEqual([
      'shop/web[DaemonSet] => shop/cart[Deployment] : TCP 80,443 (only some of their pods: TCP 80)',
    ]);
  });

  test('a pod that has ended talks to nobody', () => {
    const done = { ...pod('done'), status: { phase: 'Succeeded' } };
    expect(linesOf([done])).toEqual([]);
  });

  test('the namespaces asked for are all that a namespaceSelector finds', () => {
    const other = { ...controller('Deployment', 'ui'), metadata: { name: 'ui', namespace: 'web' } };
    const into = policy('in', {
      podSelector: {},
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'web' } } }] }],
    });
    const toCart = inside(linesOf([cart, other, into])).filter((line) => line.includes('=> shop/cart'));
    expect(toCart).toEqual(['web/ui[Deployment] => shop/cart[Deployment] : all ports']);
  });
});

describe('the world outside', () => {
  test('is cut where a policy cuts it, IPv4 and IPv6 apart', () => {
    const out = policy('out', {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      egress: [
        { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '169.254.169.254/32'] } }] },
        { to: [{ ipBlock: { cidr: '2001:db8::/32' } }], ports: [{ port: 443 }] },
      ],
    });
    expect(linesOf([db, out])).toEqual([
      'shop/db[StatefulSet] => 0.0.0.0-9.255.255.255[external] : all ports',
      'shop/db[StatefulSet] => 11.0.0.0-169.254.169.253[external] : all ports',
      'shop/db[StatefulSet] => 169.254.169.255-255.255.255.255[external] : all ports',
      'shop/db[StatefulSet] => 2001:db8::/32[external] : TCP 443',
    ]);
  });

  test('has no family that a pod can not speak', () => {
    const v4 = { ...pod('v4'), status: { podIP: '10.0.0.1' } };
    expect(linesOf([v4])).toEqual([
      'shop/v4[Pod] => 0.0.0.0/0[external] : all ports',
      '0.0.0.0/0[external] => shop/v4[Pod] : all ports',
    ]);
  });
});

describe('where networks differ', () => {
  const pods = ['10.0.0.1', '10.0.0.2'].map((podIP, index) => ({
    ...pod(`p${index}`, { labels: { app: `p${index}` } }),
    status: { podIP },
  }));
  const into = policy('in', {
    podSelector: app('p1'),
    ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.1/32' } }] }],
  });

  test('an ipBlock lets a pod in by its address under kubernetes, and never under cilium', () => {
    const line = 'shop/p0[Pod] => shop/p1[Pod] : all ports';
    expect(linesOf([...pods, into])).toContain(line);
    expect(linesOf([...pods, into], CILIUM_PROFILE)).not.toContain(line);
  });
});

describe('the order of manifests', () => {
  test('changes nothing', () => {
    const documents = [cart, db, DENY_ALL, policy('in', { podSelector: app('db'), ingress: [{}] })];
    expect(linesOf([...documents].reverse())).toEqual(linesOf(documents));
  });
});
