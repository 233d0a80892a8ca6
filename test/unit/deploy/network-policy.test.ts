import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { worldOf } from '#core/policy/cluster/model-world.ts';
import { connectivityOf } from '#core/policy/connections/connectivity.ts';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import { CILIUM_PROFILE, KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { CniProfile, Connection, Endpoint } from '#core/policy/world.ts';
import { clusterFromTexts } from '../../../server/adapters/manifests/read-cluster.ts';
import { connectionsPieces } from '../../../server/cli/connections-format.ts';
import { manifestsIn } from '../../support/manifests.ts';
import { hasRecordings, recording, skippedWithoutRecordings } from '../../support/recordings.ts';
import { faultsAgainst, type Schema } from '../propose/schema-check.ts';
import { only, textOf } from './plain-manifests.ts';

const podText = (place: string, ip: string, labels: Readonly<Record<string, string>>): string => {
  const [namespace = '', name = ''] = place.split('/');
  const metadata = { name, namespace, labels };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, status: { podIP: ip, phase: 'Running' } });
};

const namespaceText = (name: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

/** Who else could be in the cluster. One pod has a private address, as most have; the others are met as pods alone. */
const NEIGHBOURS = [
  ...['kube-system', 'shop', 'monitoring', 'ingress-nginx'].map(namespaceText),
  podText('kube-system/dns', '198.18.0.1', { 'k8s-app': 'kube-dns' }),
  podText('kube-system/relay', '198.18.0.2', { 'k8s-app': 'hubble-relay' }),
  podText('kube-system/other', '198.18.0.3', { 'k8s-app': 'metrics-server' }),
  podText('bulkhead/sidekick', '198.18.0.4', { app: 'sidekick' }),
  podText('shop/fake-dns', '198.18.0.5', { 'k8s-app': 'kube-dns' }),
  podText('shop/fake-relay', '198.18.0.6', { 'k8s-app': 'hubble-relay' }),
  podText('monitoring/prometheus', '198.18.0.7', { app: 'prometheus' }),
  podText('ingress-nginx/controller', '198.18.0.8', { app: 'controller' }),
  podText('shop/private', '10.244.3.4', { app: 'private' }),
].join('\n---\n');

const { model, problems } = clusterFromTexts([
  { file: 'bulkhead.yaml', text: textOf('bulkhead.yaml') },
  { file: 'neighbours.yaml', text: NEIGHBOURS },
]);
const world = worldOf(model);

/** `bulkhead`, `shop/fake-dns`, or an address outside. */
function end(text: string): Endpoint {
  if (text !== 'bulkhead' && !text.includes('/')) return { kind: 'address', ip: text };
  const own = model.workloads.findIndex(({ kind, name }) => kind === 'Deployment' && name === 'bulkhead');
  const found = model.pods.find(({ pod, workload }) =>
    text === 'bulkhead' ? workload === own : `${pod.namespace}/${pod.name}` === text,
  );
  if (found === undefined) throw new Error(`there is no pod ${text}`);
  return { kind: 'pod', pod: found.pod };
}

const isAllowed = (from: string, to: string, port: string): boolean => {
  const [protocol = 'TCP', number = ''] = port.split(' ');
  const asked = { from: end(from), to: end(to), protocol, port: Number(number) } as Connection;
  return evaluate(world, asked, KUBERNETES_PROFILE).allowed;
};

describe('its own NetworkPolicy', () => {
  test('is read without a problem, and denies both directions unless it says otherwise', () => {
    expect(problems).toEqual([]);
    expect(only<{ spec: { policyTypes: readonly string[] } }>('NetworkPolicy').spec.policyTypes).toEqual([
      'Ingress',
      'Egress',
    ]);
  });

  test.each([
    ['bulkhead', 'kube-system/dns', 'UDP 53'],
    ['bulkhead', 'kube-system/dns', 'TCP 53'],
    ['bulkhead', 'kube-system/relay', 'TCP 4245'],
    ['bulkhead', '10.0.0.1', 'TCP 6443'],
    ['bulkhead', '172.20.4.4', 'TCP 443'],
    ['bulkhead', 'fd00::1', 'TCP 6443'],
    ['bulkhead/sidekick', 'bulkhead', 'TCP 8080'],
  ])('lets %s reach %s on %s', (from, to, port) => {
    expect(isAllowed(from, to, port)).toBe(true);
  });

  test.each([
    ['bulkhead', 'kube-system/dns', 'TCP 443'],
    ['bulkhead', 'kube-system/relay', 'TCP 80'],
    ['bulkhead', 'kube-system/other', 'TCP 4245'],
    ['bulkhead', 'kube-system/other', 'TCP 443'],
    ['bulkhead', 'shop/fake-dns', 'UDP 53'],
    ['bulkhead', 'shop/fake-relay', 'TCP 4245'],
    ['bulkhead', 'bulkhead/sidekick', 'TCP 8080'],
    ['bulkhead', '10.0.0.1', 'TCP 22'],
    ['bulkhead', '10.0.0.1', 'UDP 443'],
    ['bulkhead', '203.0.113.7', 'TCP 443'],
    ['bulkhead', '169.254.169.254', 'TCP 80'],
    ['shop/fake-dns', 'bulkhead', 'TCP 8080'],
    ['monitoring/prometheus', 'bulkhead', 'TCP 8080'],
    ['ingress-nginx/controller', 'bulkhead', 'TCP 8080'],
    ['203.0.113.7', 'bulkhead', 'TCP 8080'],
    ['bulkhead/sidekick', 'bulkhead', 'TCP 9229'],
  ])('does not let %s reach %s on %s', (from, to, port) => {
    expect(isAllowed(from, to, port)).toBe(false);
  });

  const DNS_AND_RELAY = [
    'bulkhead/bulkhead[Deployment] => kube-system/dns[Pod] : TCP 53; UDP 53',
    'bulkhead/bulkhead[Deployment] => kube-system/relay[Pod] : TCP 4245',
  ];
  const OUTSIDE_AND_IN = [
    'bulkhead/bulkhead[Deployment] => 10.0.0.0/8[external] : TCP 443,6443',
    'bulkhead/bulkhead[Deployment] => 100.64.0.0/10[external] : TCP 443,6443',
    'bulkhead/bulkhead[Deployment] => 172.16.0.0/12[external] : TCP 443,6443',
    'bulkhead/bulkhead[Deployment] => 192.168.0.0/16[external] : TCP 443,6443',
    'bulkhead/bulkhead[Deployment] => fc00::/7[external] : TCP 443,6443',
    'bulkhead/sidekick[Pod] => bulkhead/bulkhead[Deployment] : TCP 8080',
  ];
  const linesUnder = (profile: CniProfile): readonly string[] =>
    [...connectionsPieces(connectivityOf({ model, profile }))]
      .join('')
      .split('\n')
      .filter((line) => line.includes('bulkhead/bulkhead['));

  test('of all ports and protocols allows these under Cilium', () => {
    expect(linesUnder(CILIUM_PROFILE)).toEqual([...DNS_AND_RELAY, ...OUTSIDE_AND_IN]);
  });

  test('where blocks match pods, also lets it reach the ports of the API server on pods with private addresses', () => {
    expect(linesUnder(KUBERNETES_PROFILE)).toEqual([
      ...DNS_AND_RELAY,
      'bulkhead/bulkhead[Deployment] => shop/private[Pod] : TCP 443,6443',
      ...OUTSIDE_AND_IN,
    ]);
  });
});

describe('the policy that names the API server under Cilium', () => {
  test('is about the same pods, and opens these ports to that entity and nothing else', () => {
    const [own, ...more] = manifestsIn(textOf('cilium-api-server.yaml'));
    expect(more).toEqual([]);
    expect(own).toMatchObject({ apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy' });
    expect(own?.['spec']).toEqual({
      endpointSelector: only<{ spec: { podSelector: object } }>('NetworkPolicy').spec.podSelector,
      egress: [
        {
          toEntities: ['kube-apiserver'],
          toPorts: [
            {
              ports: [
                { port: '443', protocol: 'TCP' },
                { port: '6443', protocol: 'TCP' },
              ],
            },
          ],
        },
      ],
    });
  });
});

describe.skipIf(!hasRecordings)(
  `against the schemas of the API server and Cilium${skippedWithoutRecordings}`,
  () => {
    test('the CiliumNetworkPolicy has no field of another type', () => {
      const path = recording('schemas/cilium/ciliumnetworkpolicy_v2.json');
      const schema = JSON.parse(readFileSync(path, 'utf8')) as Schema;
      const [own] = manifestsIn(textOf('cilium-api-server.yaml'));
      expect(faultsAgainst(schema, own)).toEqual([]);
      expect(faultsAgainst(schema, { ...own, spec: { egress: 'all' } })).not.toEqual([]);
    });

    test('the NetworkPolicy has no field it does not know, and none of another type', () => {
      const path = recording('schemas/kubernetes/networkpolicy-networking-v1.strict.json');
      const schema = JSON.parse(readFileSync(path, 'utf8')) as Schema;
      expect(faultsAgainst(schema, only('NetworkPolicy'))).toEqual([]);
      expect(faultsAgainst(schema, { ...only<object>('NetworkPolicy'), spec: { ingresss: [] } })).not.toEqual(
        [],
      );
    });
  },
);
