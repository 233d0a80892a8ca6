import { describe, expect, test } from 'vitest';
import { HOSTILE_STRINGS } from '../../support/hostile-strings.ts';
import { container, controller, decoded, modelOf, pod, policy } from './cluster-fixture.ts';

describe('reading an object', () => {
  test('labels, named ports, addresses, node and phase of a pod are kept', () => {
    const { pods } = modelOf({
      ...pod(
        'web',
        { labels: { b: '2', a: '1' } },
        {
          nodeName: 'n1',
          containers: [container('http:8080', 9090)],
          initContainers: [
            { ...container('proxy:15001'), restartPolicy: 'Always' },
            { ...container('once:1'), name: 'setup' },
          ],
        },
      ),
      status: { phase: 'Running', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'FD00::0:1' }] },
    });
    expect(pods.map(({ pod: each }) => each)).toEqual([
      {
        namespace: 'shop',
        name: 'web',
        labels: [
          ['a', '1'],
          ['b', '2'],
        ],
        ips: ['10.0.0.1', 'fd00::1'],
        namedPorts: [
          { name: 'http', protocol: 'TCP', port: 8080 },
          { name: 'proxy', protocol: 'TCP', port: 15_001 },
        ],
        hostNetwork: false,
        node: 'n1',
        phase: 'Running',
        bare: true,
      },
    ]);
  });

  test('a namespace that nobody declares has the one label that every namespace has', () => {
    expect(modelOf(pod('web')).namespaces).toEqual([
      { name: 'shop', labels: [['kubernetes.io/metadata.name', 'shop']], source: undefined },
    ]);
  });

  test('the label of a namespace that holds its name can not be written otherwise', () => {
    const { namespaces } = modelOf({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop', labels: { 'kubernetes.io/metadata.name': 'bank', tier: 'front' } },
    });
    expect(namespaces[0]?.labels).toEqual([
      ['kubernetes.io/metadata.name', 'shop'],
      ['tier', 'front'],
    ]);
  });

  test('a manifest without a namespace lies in default', () => {
    const bare = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers: [] } };
    expect(modelOf(bare).workloads.map(({ namespace }) => namespace)).toEqual(['default']);
  });

  test('a Service keeps its ports, and the pods’ port where it names none', () => {
    const { services } = modelOf({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        type: 'NodePort',
        clusterIP: '10.96.0.10',
        selector: { app: 'web' },
        ports: [
          { port: 80, targetPort: 'http', nodePort: 30_080 },
          { port: 53, protocol: 'UDP' },
        ],
      },
    });
    expect(services[0]).toMatchObject({
      type: 'NodePort',
      selector: [['app', 'web']],
      clusterIps: ['10.96.0.10'],
      ports: [
        { protocol: 'TCP', port: 80, targetPort: 'http', nodePort: 30_080 },
        { protocol: 'UDP', port: 53, targetPort: 53 },
      ],
    });
  });

  test('an Ingress leads to its Services, in the new spelling and in the old', () => {
    const ingress = (name: string, apiVersion: string, backend: object) => ({
      apiVersion,
      kind: 'Ingress',
      metadata: { name, namespace: 'shop' },
      spec: { rules: [{ host: 'a.example', http: { paths: [{ path: '/', backend }] } }] },
    });
    const { ingresses } = modelOf(
      ingress('new', 'networking.k8s.io/v1', { service: { name: 'web', port: { number: 80 } } }),
      ingress('old', 'extensions/v1beta1', { serviceName: 'web', servicePort: 'http' }),
    );
    expect(ingresses.map(({ backends }) => backends)).toEqual([
      [{ host: 'a.example', path: '/', service: 'web', port: 80 }],
      [{ host: 'a.example', path: '/', service: 'web', port: 'http' }],
    ]);
  });

  test('the items of a list are objects of their own, and those of a typed list need no kind', () => {
    const bare = { metadata: { name: 'one', namespace: 'shop' }, spec: { containers: [] } };
    const typed = { apiVersion: 'v1', kind: 'PodList', items: [bare] };
    const nested = { apiVersion: 'v1', kind: 'List', items: [pod('two'), typed] };
    expect(modelOf(nested).workloads.map(({ name }) => name)).toEqual(['one', 'two']);
  });

  test('kinds without a place are counted, the same kind of another group among them', () => {
    const calico = { ...policy('p', {}), apiVersion: 'projectcalico.org/v3' };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
    expect(modelOf(calico, secret, secret).otherKinds).toEqual([
      { apiVersion: 'projectcalico.org/v3', kind: 'NetworkPolicy', count: 1 },
      { apiVersion: 'v1', kind: 'Secret', count: 2 },
    ]);
  });

  test('the last of two objects of one name holds, as with kubectl apply', () => {
    const model = modelOf(
      controller('Deployment', 'web', { replicas: 1 }),
      controller('Deployment', 'web', { replicas: 9 }),
    );
    expect(model.workloads.map(({ replicas }) => replicas)).toEqual([9]);
  });
});

describe('a malformed piece', () => {
  test.each([
    ['no object', 'text', ' not_an_object'],
    ['a list', [], ' not_an_object'],
    ['an object without a kind', { apiVersion: 'v1' }, 'kind kind_missing'],
    ['an object without a version', { kind: 'Pod' }, 'apiVersion api_version_missing'],
    ['a kind that is a number', { apiVersion: 'v1', kind: 7 }, 'kind not_text'],
    ['a pod without a name', { apiVersion: 'v1', kind: 'Pod' }, 'metadata.name name_missing'],
    ['items that are no list', { apiVersion: 'v1', kind: 'List', items: {} }, 'items not_a_list'],
    ['a label that is no text', pod('a', { labels: { on: true } }), 'metadata.labels.on not_text'],
    ['a name no API server takes', pod('A B'), 'metadata.name name_invalid'],
    ['containers that are no list', pod('a', {}, { containers: {} }), 'spec.containers not_a_list'],
    [
      'an item of a list, under its place there',
      { apiVersion: 'v1', kind: 'List', items: [pod('a'), pod('b', { labels: 3 })] },
      'items[1].metadata.labels not_an_object',
    ],
    [
      'a policy, in the words of the judge',
      policy('p', { podSelector: {}, ingress: [{ from: [{}] }] }),
      'spec.ingress[0].from[0] peer_empty',
    ],
  ])('is named with its place: %s', (_, document, expected) => {
    expect(decoded(document).issues).toContain(expected);
  });

  test('of a port costs that port, of a label the object, of a rule nothing', () => {
    const badPort = pod(
      'a',
      {},
      { containers: [{ ports: [{ name: 'x' }, { name: 'y', containerPort: 80 }] }] },
    );
    expect(modelOf(badPort).pods[0]?.pod.namedPorts).toEqual([{ name: 'y', protocol: 'TCP', port: 80 }]);
    expect(decoded(pod('a', { labels: { 'a b': 'c' } })).objects).toEqual([]);
    const badRule = policy('p', { podSelector: {}, ingress: 'no' });
    expect(decoded(badRule).objects.map(({ type }) => type)).toEqual(['policy']);
  });

  test('written by an attacker never becomes a name or a label, and never throws', () => {
    const taken = HOSTILE_STRINGS.flatMap((text) => {
      const named = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: text, namespace: text, labels: { [text]: text } },
      };
      return decoded(named, { apiVersion: text, kind: text, items: [text] }).objects;
    });
    const names = taken.flatMap((object) => (object.type === 'pod' ? [object.name] : []));
    expect(taken.length).toBeGreaterThan(0);
    expect(names.filter((name) => !/^[a-z0-9.-]+$/.test(name))).toEqual([]);
  });
});
