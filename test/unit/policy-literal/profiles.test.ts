import { describe, expect, test } from 'vitest';
import {
  AWS_VPC_CNI_PROFILE,
  CALICO_PROFILE,
  CILIUM_PROFILE,
  KUBERNETES_PROFILE,
  NETWORK_NAMES,
  OVN_KUBERNETES_PROFILE,
  PROFILES,
  profileNamed,
} from '#core/policy/literal/profiles.ts';
import type { NetworkPolicyPeer } from '#core/policy/network-policy.ts';
import type { CniProfile, Endpoint } from '#core/policy/world.ts';
import {
  app,
  CART,
  CART_IS_CLOSED,
  cartAcceptsFrom,
  judge,
  podOf,
  policyOf,
  worldWith,
} from './small-world.ts';

/** A pod on the network of a node that is not the one of `cart`. */
const AGENT = podOf('agent', {
  namespace: 'monitor',
  hostNetwork: true,
  node: 'node-2',
  ips: ['192.168.0.2'],
});
const OWN_AGENT = { ...AGENT, name: 'own-agent', node: 'node-1' };
const REMOTE_NODE: Endpoint = { kind: 'entity', entity: 'remote-node', node: 'node-2' };
const WEB_IS_CLOSED = policyOf({ podSelector: app('web'), policyTypes: ['Egress'] });

/** The networks on which a connection passes. */
const networksThat = (isAllowed: (profile: CniProfile) => boolean): readonly string[] =>
  PROFILES.filter(isAllowed).map(({ name }) => name);

const ALL_BUT_CILIUM = ['kubernetes', 'calico', 'ovn-kubernetes', 'aws-vpc-cni'];

describe('what networks make of the specification', () => {
  test('each has a profile under its name, the specification first', () => {
    expect(NETWORK_NAMES).toEqual(['kubernetes', 'cilium', 'calico', 'ovn-kubernetes', 'aws-vpc-cni']);
    for (const profile of PROFILES) expect(profileNamed(profile.name)).toBe(profile);
  });

  test('no verdict is known on which Calico differs from the specification', () => {
    expect({ ...CALICO_PROFILE, name: 'kubernetes' }).toEqual(KUBERNETES_PROFILE);
    expect({ ...CILIUM_PROFILE, name: 'kubernetes' }).not.toEqual(KUBERNETES_PROFILE);
  });

  test.each([
    ['a pod', '10.0.0.1/32', podOf('web', { ips: ['10.0.0.1'] })],
    ['a node', '192.168.0.0/16', AGENT],
  ] as const)('an ipBlock lets %s in on all but Cilium', (_, cidr, client) => {
    const policy = cartAcceptsFrom({ ipBlock: { cidr } });
    const isAllowed = (profile: CniProfile) => judge(worldWith(policy), [client, CART], { profile }).allowed;
    expect(networksThat(isAllowed)).toEqual(ALL_BUT_CILIUM);
  });

  test('selectors find host-network pods on the VPC CNI alone, by their labels', () => {
    const byNamespace = cartAcceptsFrom({ namespaceSelector: { matchLabels: { team: 'ops' } } });
    const byLabel = cartAcceptsFrom({ namespaceSelector: {}, podSelector: app('web') });
    const under = (policy: typeof byLabel) => (profile: CniProfile) =>
      judge(worldWith(policy), [AGENT, CART], { profile }).allowed;
    expect(networksThat(under(byNamespace))).toEqual(['aws-vpc-cni']);
    expect(networksThat(under(byLabel))).toEqual([]);
  });

  test('on OVN-Kubernetes an empty podSelector beside a namespaceSelector that fits the namespace of nodes means nodes', () => {
    const profile = OVN_KUBERNETES_PROFILE;
    const group = { matchLabels: { 'policy-group.network.openshift.io/host-network': '' } };
    const accepts = (...from: readonly NetworkPolicyPeer[]) =>
      [AGENT, REMOTE_NODE].map(
        (node) => judge(worldWith(cartAcceptsFrom(...from)), [node, CART], { profile }).allowed,
      );
    expect(accepts({ namespaceSelector: group, podSelector: {} })).toEqual([true, true]);
    expect(accepts({ namespaceSelector: {}, podSelector: { matchLabels: {} } })).toEqual([true, true]);
    expect(accepts({ namespaceSelector: group })).toEqual([false, false]);
    expect(accepts({ namespaceSelector: group, podSelector: app('agent') })).toEqual([false, false]);
    expect(accepts({ podSelector: {} })).toEqual([false, false]);
    const elsewhere = { matchLabels: { 'kubernetes.io/metadata.name': 'monitor' } };
    expect(accepts({ namespaceSelector: elsewhere, podSelector: {} })).toEqual([false, false]);
  });

  test('there nodes are met as clients only, and the labels of the namespace are those of the world where it has it', () => {
    const profile = OVN_KUBERNETES_PROFILE;
    const peer = { namespaceSelector: { matchLabels: { zone: 'nodes' } }, podSelector: {} };
    const ingress = worldWith(cartAcceptsFrom(peer));
    expect(judge(ingress, [AGENT, CART], { profile }).allowed).toBe(false);
    const labelled = { name: 'openshift-host-network', labels: [['zone', 'nodes']] as const };
    const known = { ...ingress, namespaces: [...ingress.namespaces, labelled] };
    expect(judge(known, [AGENT, CART], { profile }).allowed).toBe(true);
    const egress = policyOf({ podSelector: app('cart'), policyTypes: ['Egress'], egress: [{ to: [peer] }] });
    expect(judge({ ...known, policies: [egress] }, [CART, AGENT], { profile }).allowed).toBe(false);
  });

  test('a node always reaches its own pods; they reach it whatever policies say on the VPC CNI alone', () => {
    const down = (profile: CniProfile) =>
      judge(worldWith(CART_IS_CLOSED), [OWN_AGENT, CART], { profile }).allowed;
    expect(networksThat(down)).toEqual(NETWORK_NAMES);
    const web = podOf('web');
    const up = (node: Parameters<typeof judge>[1][1]) => (profile: CniProfile) =>
      judge(worldWith(WEB_IS_CLOSED), [web, node], { profile }).allowed;
    expect(networksThat(up(OWN_AGENT))).toEqual(['aws-vpc-cni']);
    expect(networksThat(up({ kind: 'entity', entity: 'host' }))).toEqual(['aws-vpc-cni']);
    expect(networksThat(up(AGENT))).toEqual([]);
    expect(judge(worldWith(WEB_IS_CLOSED), [web, OWN_AGENT], { profile: AWS_VPC_CNI_PROFILE }).reason).toBe(
      'own-node',
    );
  });

  test('policies do not govern a pod without a controller on the VPC CNI, and still find it as a peer', () => {
    const bare = { ...CART, bare: true };
    const closed = (profile: CniProfile) =>
      judge(worldWith(CART_IS_CLOSED), [podOf('web'), bare], { profile }).allowed;
    expect(networksThat(closed)).toEqual(['aws-vpc-cni']);
    const client = podOf('web', { bare: true });
    const accepts = worldWith(cartAcceptsFrom({ podSelector: app('web') }));
    expect(judge(accepts, [client, CART], { profile: AWS_VPC_CNI_PROFILE }).allowed).toBe(true);
    expect(
      judge(accepts, [podOf('db', { bare: true }), CART], { profile: AWS_VPC_CNI_PROFILE }).allowed,
    ).toBe(false);
  });
});
