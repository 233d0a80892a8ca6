import { describe, expect, test } from 'vitest';
import { describePorts } from '#core/policy/connections/port-set.ts';
import { type PortabilityDifference, portabilityOf } from '#core/policy/connections/portability.ts';
import { portabilityHints } from '#core/policy/connections/portability-hints.ts';
import { modelOf } from '../cluster-model/cluster-fixture.ts';

type Plain = Readonly<Record<string, unknown>>;

interface PodParts {
  readonly spec?: Plain;
  readonly ip?: string;
  readonly owner?: string;
}

const pod = (name: string, { spec = {}, ip, owner }: PodParts = {}): Plain => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'shop',
    labels: { app: name },
    ...(owner && {
      ownerReferences: [{ apiVersion: 'apps/v1', kind: owner, name, controller: true, uid: 'u' }],
    }),
  },
  spec: { containers: [], nodeName: 'n1', ...spec },
  ...(ip && { status: { podIP: ip } }),
});

const policy = (name: string, spec: Plain): Plain => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'shop' },
  spec,
});

const SERVER = pod('server', { ip: '10.0.0.8', owner: 'ReplicaSet' });
const CLIENT = pod('client', { ip: '10.0.0.7', owner: 'ReplicaSet' });
const AGENT = pod('agent', {
  ip: '192.168.1.2',
  owner: 'DaemonSet',
  spec: { hostNetwork: true, nodeName: 'n2' },
});

const accepts = (...from: readonly Plain[]) =>
  policy('accepts', {
    podSelector: { matchLabels: { app: 'server' } },
    ingress: from.map((peer, index) => ({ from: [peer], ports: [{ port: 80 + index }] })),
  });

/** One line a difference. */
const told = ({ network, effect, cause, policies, rule, ends }: PortabilityDifference): string =>
  [
    `${network} ${effect} ${cause}`,
    ...policies.map((each) => `${each.policy.metadata.name} ${rule ?? ''}`.trim()),
    ...ends.map(({ from, to, ports }) => `${from} => ${to} : ${describePorts(ports)}`),
  ].join('; ');

const differences = (...documents: readonly Plain[]) =>
  portabilityOf({ model: modelOf(...documents) }).map(told);

describe('policies are portable', () => {
  test('when they name pods by label and what is outside by address', () => {
    const outside = { ipBlock: { cidr: '203.0.113.0/24' } };
    expect(
      differences(SERVER, CLIENT, accepts({ podSelector: { matchLabels: { app: 'client' } } }, outside)),
    ).toEqual([]);
  });

  test('and not when a block holds the address of a pod or a node: Cilium lets neither in', () => {
    const blocks = accepts({ ipBlock: { cidr: '10.0.0.7/32' } }, { ipBlock: { cidr: '192.168.0.0/16' } });
    expect(differences(SERVER, CLIENT, AGENT, blocks)).toEqual([
      'cilium denied block-and-node; accepts ingress[1].from[0]; shop/agent[DaemonSet] => shop/server[ReplicaSet] : TCP 81',
      'cilium denied block-and-pod; accepts ingress[0].from[0]; shop/client[ReplicaSet] => shop/server[ReplicaSet] : TCP 80',
    ]);
  });

  test('nor when a selector fits a host-network pod, or means every node', () => {
    const selectors = accepts(
      { podSelector: { matchLabels: { app: 'agent' } } },
      { namespaceSelector: {}, podSelector: {} },
    );
    expect(differences(SERVER, AGENT, selectors)).toEqual([
      'ovn-kubernetes allowed node-namespace; accepts ingress[1].from[0]; shop/agent[DaemonSet] => shop/server[ReplicaSet] : TCP 81',
      'aws-vpc-cni allowed selector-and-host-network; accepts ingress[0].from[0]; shop/agent[DaemonSet] => shop/server[ReplicaSet] : TCP 80',
      'aws-vpc-cni allowed selector-and-host-network; accepts ingress[1].from[0]; shop/agent[DaemonSet] => shop/server[ReplicaSet] : TCP 81',
    ]);
  });

  test('nor when a pod has no controller, or a node serves what its pods may not reach', () => {
    const closed = policy('closed', { podSelector: {}, policyTypes: ['Egress'] });
    const ownAgent = pod('agent', { owner: 'DaemonSet', spec: { hostNetwork: true } });
    expect(differences(pod('alone'), closed)).toEqual([
      'aws-vpc-cni allowed bare-pod; closed; ' +
        'shop/alone[Pod] => 0.0.0.0/0[external] : all ports; shop/alone[Pod] => ::/0[external] : all ports',
    ]);
    expect(differences(SERVER, ownAgent, closed)).toEqual([
      'aws-vpc-cni allowed own-node; shop/server[ReplicaSet] => shop/agent[DaemonSet] : all ports',
    ]);
  });

  test('tells how far it has come, to the end', () => {
    const steps: (readonly [number, number])[] = [];
    const model = modelOf(SERVER, CLIENT);
    portabilityOf({ model, onProgress: (done, total) => steps.push([done, total]) });
    expect(steps.at(-1)).toEqual([4, 4]);
    expect(new Set(steps.map(([, total]) => total))).toEqual(new Set([4]));
  });
});

describe('what can not be judged', () => {
  const hinted = (...documents: readonly Plain[]) =>
    portabilityHints(modelOf(...documents)).map(
      ({ network, kind, detail }) => `${network} ${kind} ${detail}`,
    );

  const service = (selector: Plain, ports: readonly Plain[]): Plain => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'server', namespace: 'shop' },
    spec: { selector, ports },
  });

  test('a block of private addresses is named where the addresses of pods are not known', () => {
    const blocks = accepts({ ipBlock: { cidr: '10.0.0.0/16' } }, { ipBlock: { cidr: '203.0.113.0/24' } });
    expect(hinted(pod('server', { owner: 'ReplicaSet' }), blocks)).toEqual([
      'cilium private-block 10.0.0.0/16',
    ]);
    expect(hinted(SERVER, blocks)).toEqual([]);
  });

  test('blocks of both families, and rules for SCTP', () => {
    const both = accepts({ ipBlock: { cidr: '203.0.113.0/24' } }, { ipBlock: { cidr: '2001:db8::/32' } });
    const sctp = policy('sctp', { podSelector: {}, ingress: [{ ports: [{ protocol: 'SCTP', port: 9 }] }] });
    expect(hinted(SERVER, both, sctp)).toEqual([
      'aws-vpc-cni both-families 203.0.113.0/24, 2001:db8::/32',
      'cilium sctp SCTP',
    ]);
  });

  test('a Service with another port than its pods, or with another selector than the rule that leads to it', () => {
    const egress = (labels: Plain) =>
      policy('egress', {
        podSelector: {},
        egress: [{ to: [{ podSelector: { matchLabels: labels } }] }],
      });
    const fine = service({ app: 'server' }, [{ port: 8080, targetPort: 8080 }]);
    expect(hinted(SERVER, fine, egress({ app: 'server' }))).toEqual([]);
    expect(hinted(SERVER, service({ app: 'server' }, [{ port: 80, targetPort: 8080 }]))).toEqual([
      'aws-vpc-cni service-port 80 → 8080',
    ]);
    const tiered = {
      ...SERVER,
      metadata: { ...(SERVER['metadata'] as Plain), labels: { app: 'server', tier: 'back' } },
    };
    expect(hinted(tiered, fine, egress({ tier: 'back' }))).toEqual([
      'aws-vpc-cni service-selector egress[0].to[0]',
    ]);
  });

  test('a malformed policy is hinted at by nobody, and never throws', () => {
    const damaged = policy('damaged', {
      podSelector: {},
      egress: [null, { to: [null, 7], ports: [null] }],
      ingress: 7,
    });
    expect(hinted(SERVER, damaged)).toEqual([]);
    expect(differences(SERVER, damaged)).toEqual([]);
  });
});
