import { describe, expect, test } from 'vitest';
import { isPublicIp, NOT_PUBLIC, parseIp } from '#core/net/ip.ts';
import { addressText, describeRange, elementaryRanges } from '#core/policy/connections/address-range.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import { hasPublicAddress } from '#core/policy/ports/address-ranges.ts';
import type { ListedPort } from '#core/policy/ports/door.ts';
import { listPorts } from '#core/policy/ports/list-ports.ts';
import { app, container, modelOf, pod, policy } from '../cluster-model/cluster-fixture.ts';

type Plain = Readonly<Record<string, unknown>>;

const deployment = (
  name: string,
  containers: readonly Plain[],
  more: Plain = {},
  namespace = 'shop',
): Plain => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: { template: { metadata: { labels: { app: name } }, spec: { ...more, containers } } },
});

const service = (name: string, spec: Plain, namespace = 'shop'): Plain => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 'http', name: 'web' }], ...spec },
});

const ingress = (service: string, port: Plain): Plain => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'front', namespace: 'shop' },
  spec: {
    rules: [
      {
        host: 'shop.example',
        http: { paths: [{ path: '/', backend: { service: { name: service, port } } }] },
      },
    ],
  },
});

const WEB = deployment('web', [container('http:8080')]);
const FROM_BLOCK = (cidr: string): Plain =>
  policy('web', { podSelector: app('web'), ingress: [{ from: [{ ipBlock: { cidr } }] }] });

const listed = (...documents: readonly Plain[]) =>
  listPorts({ model: modelOf(...documents), profile: KUBERNETES_PROFILE, flows: undefined });

const portOf = (documents: readonly Plain[], workload: string, port: number): ListedPort | undefined =>
  listed(...documents).ports.find((each) => each.workload.name === workload && each.port === port);

const doorsOf = (port: ListedPort | undefined): readonly string[] =>
  port?.doorReaches.map(
    ({ door, clients }) => `${door.kind} ${door.port}: ${clients.map(describeRange).join(' ')}`,
  ) ?? [];

describe('where a Service leads', () => {
  test('a name is resolved pod by pod, so that one Service may lead to several ports', () => {
    const [one, two] = [
      pod('one', { labels: { app: 'web' } }, { containers: [container('http:8080')] }),
      pod('two', { labels: { app: 'web' } }, { containers: [container('http:9090')] }),
    ];
    const { ports, deadEnds } = listed(one, two, service('web', {}));
    const behind = ports.filter(({ doors }) => doors.some(({ kind }) => kind === 'service'));
    expect(behind.map(({ workload, port }) => `${workload.name} ${port}`).sort()).toEqual([
      'one 8080',
      'two 9090',
    ]);
    expect(deadEnds).toEqual([]);
  });

  test('a name that only another protocol has leads nowhere', () => {
    const { deadEnds } = listed(
      WEB,
      service('web', { ports: [{ port: 80, targetPort: 'http', protocol: 'UDP' }] }),
    );
    expect(deadEnds).toMatchObject([{ object: 'shop/web', port: '80 -> http', reason: 'name-unknown' }]);
  });

  test.each([
    ['a selector that finds nobody', service('web', { selector: { app: 'gone' } }), 'selects-nobody'],
    ['no selector', service('web', { selector: {} }), 'no-selector'],
    [
      'a name outside',
      service('web', { type: 'ExternalName', externalName: 'db.example.com' }),
      'external-name',
    ],
    ['an Ingress without its Service', ingress('gone', { number: 80 }), 'service-missing'],
  ])('%s is a dead end, and said so', (_what, object, reason) => {
    expect(listed(WEB, object).deadEnds.map((each) => each.reason)).toEqual([reason]);
  });

  test('an Ingress that asks for a port its Service does not have is a dead end', () => {
    const { deadEnds } = listed(WEB, service('web', {}), ingress('web', { number: 81 }));
    expect(deadEnds.map((each) => each.reason)).toEqual(['service-port-missing']);
  });

  test('a port that no container declares is told from one that a container does', () => {
    const documents = [WEB, service('web', { ports: [{ port: 80, targetPort: 9999 }] })];
    expect(portOf(documents, 'web', 9999)).toMatchObject({ isDeclared: false, isUndeclared: false });
    expect(portOf(documents, 'web', 8080)).toMatchObject({ isDeclared: true });
  });
});

describe('from outside', () => {
  test('a load balancer in front of pods that nothing isolates is open to the internet', () => {
    const port = portOf([WEB, service('web', { type: 'LoadBalancer' })], 'web', 8080);
    expect(port?.openness).toBe('internet');
    expect(doorsOf(port)).toContain('load-balancer 80: 0.0.0.0/0 ::/0');
  });

  test('loadBalancerSourceRanges cut what policies would let in', () => {
    const balanced = service('web', {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      loadBalancerSourceRanges: ['10.0.0.0/8'],
    });
    const port = portOf([WEB, balanced, FROM_BLOCK('10.1.0.0/16')], 'web', 8080);
    expect(doorsOf(port)).toContain('load-balancer 80: 10.1.0.0/16');
    expect(port?.openness).toBe('outside');
  });

  test('a block of private addresses does not open a load balancer to the internet', () => {
    const local = service('web', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' });
    expect(portOf([WEB, local, FROM_BLOCK('10.0.0.0/8')], 'web', 8080)?.openness).toBe('outside');
    expect(portOf([WEB, local, FROM_BLOCK('198.51.0.0/16')], 'web', 8080)?.openness).toBe('internet');
  });

  test('with externalTrafficPolicy Cluster a closed port is still open to whoever is taken for its node', () => {
    const closed = policy('web', { podSelector: app('web'), policyTypes: ['Ingress'] });
    const port = portOf([WEB, service('web', { type: 'NodePort' }), closed], 'web', 8080);
    expect(port?.openness).toBe('node');
    expect(port?.doorReaches.find(({ door }) => door.kind === 'node-port')).toMatchObject({
      clients: [],
      maskedAsNode: true,
    });
    const local = service('web', { type: 'NodePort', externalTrafficPolicy: 'Local' });
    expect(portOf([WEB, local, closed], 'web', 8080)?.openness).toBe('nobody');
  });

  test('the only other workload is named, and does not stand for the whole cluster', () => {
    const onlyOther = policy('web', {
      podSelector: app('web'),
      ingress: [{ from: [{ podSelector: app('other') }] }],
    });
    expect(portOf([WEB, onlyOther, deployment('other', [])], 'web', 8080)).toMatchObject({
      openness: 'namespace',
      reach: { inside: { workloads: ['shop/other[Deployment]'] } },
    });
  });

  test('a hostPort keeps the address of its client, and the host network knows no policy', () => {
    const closed = policy('all', { podSelector: {}, policyTypes: ['Ingress'] });
    const hosted = deployment('web', [{ name: 'web', ports: [{ containerPort: 8080, hostPort: 80 }] }]);
    expect(portOf([hosted, closed], 'web', 8080)?.openness).toBe('nobody');
    expect(portOf([hosted], 'web', 8080)?.openness).toBe('node');
    const onNode = deployment('web', [container(8080)], { hostNetwork: true });
    expect(portOf([onNode, closed], 'web', 8080)).toMatchObject({
      openness: 'node',
      reach: { isUngoverned: true },
    });
  });

  test('an Ingress opens a port through a workload that is open itself and may reach it', () => {
    const controller = deployment('nginx', [container('http:8443')], {}, 'edge');
    const front = service('nginx', { type: 'LoadBalancer' }, 'edge');
    const onlyEdge = policy('web', {
      podSelector: app('web'),
      ingress: [
        { from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'edge' } } }] },
      ],
    });
    const documents = [WEB, service('web', {}), ingress('web', { name: 'web' }), controller, front];
    const port = portOf([...documents, onlyEdge, deployment('other', [])], 'web', 8080);
    expect(port?.openness).toBe('internet');
    expect(port?.doorReaches.find(({ door }) => door.kind === 'ingress')?.through).toEqual([
      'edge/nginx[Deployment]',
    ]);
    const onlyOther = policy('web', {
      podSelector: app('web'),
      ingress: [{ from: [{ podSelector: app('other') }] }],
    });
    expect(portOf([...documents, onlyOther, deployment('other', [])], 'web', 8080)?.openness).toBe(
      'namespace',
    );
  });

  test('what counts as public is what the rest of the product takes for public', () => {
    for (const range of elementaryRanges([...NOT_PUBLIC[4], ...NOT_PUBLIC[6]])) {
      const [first, last] = [range.first, range.last].map((each) => parseIp(addressText(range.family, each)));
      expect(first && isPublicIp(first)).toBe(hasPublicAddress([range]));
      expect(last && isPublicIp(last)).toBe(hasPublicAddress([range]));
    }
  });
});

test('the most exposed ports come first', () => {
  const { ports } = listed(
    WEB,
    service('web', { type: 'LoadBalancer' }),
    deployment('db', [container(5432)]),
    policy('db', { podSelector: app('db'), policyTypes: ['Ingress'] }),
    deployment('api', [container(9000)]),
  );
  expect(ports.map(({ openness, workload }) => `${openness} ${workload.name}`)).toEqual([
    'internet web',
    'cluster api',
    'nobody db',
  ]);
});
