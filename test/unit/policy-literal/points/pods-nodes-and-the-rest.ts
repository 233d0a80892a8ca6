import { expect } from 'vitest';
import { policyProblems } from '#core/policy/literal/problems.ts';
import { CILIUM_PROFILE, KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { Endpoint } from '#core/policy/world.ts';
import {
  allows,
  app,
  brokenPolicy,
  CART,
  CART_IS_CLOSED,
  cartAcceptsFrom,
  DB,
  judge,
  namespaceNamed,
  type Point,
  podOf,
  policyOf,
  RESOLVER,
  WEB,
  worldWith,
} from '../small-world.ts';

const EVERYTHING_IS_CLOSED = policyOf({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
const nodeOf = (node: string): Endpoint => ({
  kind: 'entity',
  entity: 'remote-node',
  node,
  ip: '172.16.0.1',
});
const PROFILES = [KUBERNETES_PROFILE, CILIUM_PROFILE];

/** Points 28 to 46: replies, nodes, pods that come and go, and what a policy can not say. */
export const REMAINING_POINTS: readonly Point[] = [
  {
    point: 28,
    title: 'a reply needs no rule: only the direction in which the connection is opened is judged',
    test: () => {
      const webMaySend = policyOf({
        podSelector: app('web'),
        policyTypes: ['Ingress', 'Egress'],
        egress: [{}],
      });
      expect(allows(webMaySend, [WEB, CART])).toBe(true);
      expect(allows(webMaySend, [CART, WEB])).toBe(false);
    },
  },
  {
    point: 29,
    title: 'a pod always reaches itself by its own address',
    test: () => {
      const verdict = judge(worldWith(EVERYTHING_IS_CLOSED), [CART, CART]);
      expect(verdict).toMatchObject({ allowed: true, reason: 'same-pod', ingress: { isolated: true } });
      expect(allows(EVERYTHING_IS_CLOSED, [podOf('cart', { namespace: 'monitor' }), CART])).toBe(false);
    },
  },
  {
    point: 30,
    title: 'a node always reaches the pods it runs; other nodes do not',
    test: () => {
      for (const profile of PROFILES) {
        const host: Endpoint = { kind: 'entity', entity: 'host' };
        const ends = [host, nodeOf('node-1'), { ...host, node: 'node-2' }, nodeOf('node-2')];
        const answers = ends.map((end) => allows(CART_IS_CLOSED, [end, CART], { profile }));
        expect(answers).toEqual([true, true, false, false]);
        expect(judge(worldWith(CART_IS_CLOSED), [host, CART], { profile }).reason).toBe('own-node');
        expect(allows(EVERYTHING_IS_CLOSED, [CART, host], { profile })).toBe(false);
        const nowhere = podOf('cart', { node: undefined });
        const somewhere: Endpoint = { kind: 'entity', entity: 'remote-node' };
        expect(allows(CART_IS_CLOSED, [somewhere, nowhere], { profile })).toBe(false);
        expect(allows(CART_IS_CLOSED, [{ ...host, node: 'node-1' }, nowhere], { profile })).toBe(false);
      }
    },
  },
  {
    point: 31,
    title: 'a host-network pod is its node: no selector finds it, neither as subject nor as peer',
    test: () => {
      const onHost = podOf('web', { hostNetwork: true, ips: ['172.16.0.2'], node: 'node-2' });
      expect(judge(worldWith(EVERYTHING_IS_CLOSED), [CART, onHost]).ingress.isolated).toBe(false);
      expect(allows(EVERYTHING_IS_CLOSED, [onHost, podOf('elsewhere', { namespace: 'monitor' })])).toBe(true);
      expect(allows(cartAcceptsFrom({ podSelector: {} }), [onHost, CART])).toBe(false);
      const byAddress = cartAcceptsFrom({ ipBlock: { cidr: '172.16.0.2/32' } });
      expect(allows(byAddress, [onHost, CART])).toBe(true);
      expect(allows(byAddress, [onHost, CART], { profile: CILIUM_PROFILE })).toBe(false);
      const byPortName = policyOf({ podSelector: app('web'), egress: [{ ports: [{ port: 'http' }] }] });
      const server = { ...CART, hostNetwork: true };
      expect([CART, server].map((to) => allows(byPortName, [WEB, to]))).toEqual([true, false]);
      expect(allows(CART_IS_CLOSED, [onHost, DB])).toBe(true);
      expect(judge(worldWith(EVERYTHING_IS_CLOSED), [onHost, DB]).reason).toBe('own-node');
    },
  },
  {
    point: 32,
    title: 'egress to a Service',
    whyNoVerdict:
      'a connection is judged after the Service address is translated: the end is the pod and the port the pod listens on',
  },
  {
    point: 33,
    title: 'headless Services and ExternalName',
    whyNoVerdict:
      'names are resolved before a connection is made: the end is a pod or an address, never a name',
  },
  {
    point: 34,
    title: 'connections that exist when a policy appears',
    whyNoVerdict:
      'what happens to them is left to the plugin; a verdict is about a connection that is opened now',
  },
  {
    point: 35,
    title: 'the first moments of a new pod',
    whyNoVerdict: 'a plugin may be late; a verdict is about policies that are in force',
  },
  {
    point: 36,
    title: 'a pod that has ended is nobody, whatever address its status still shows',
    test: () => {
      for (const phase of ['Succeeded', 'Failed']) {
        const ended = podOf('web', { phase, ips: ['10.0.0.1'] });
        expect(judge(worldWith(), [ended, CART])).toMatchObject({ allowed: false, reason: 'terminated' });
        expect(judge(worldWith(), [CART, ended])).toMatchObject({ allowed: false, reason: 'terminated' });
        const byAnyMeans = cartAcceptsFrom({ podSelector: {} }, { ipBlock: { cidr: '10.0.0.1/32' } });
        expect(judge(worldWith(byAnyMeans), [ended, CART]).ingress.allowedBy).toEqual([]);
      }
      expect(allows([], [podOf('web', { phase: 'Pending' }), CART])).toBe(true);
    },
  },
  {
    point: 37,
    title:
      'without the last policy that selects it a pod is open again, and so it is after a change of label',
    test: () => {
      expect(allows(CART_IS_CLOSED, [WEB, CART])).toBe(false);
      expect(allows([], [WEB, CART])).toBe(true);
      expect(allows(CART_IS_CLOSED, [WEB, { ...CART, labels: [['app', 'basket']] }])).toBe(true);
    },
  },
  {
    point: 38,
    title: 'labels are read as they are now: a selector on a volatile one misses the next rollout',
    test: () => {
      const hashed = policyOf({ podSelector: { matchLabels: { 'pod-template-hash': '6b5c' } } });
      const before = podOf('cart', { labels: [['pod-template-hash', '6b5c']] });
      const after = podOf('cart', { labels: [['pod-template-hash', '7d9f']] });
      expect(allows(hashed, [WEB, before])).toBe(false);
      expect(allows(hashed, [WEB, after])).toBe(true);
      const byTeam = cartAcceptsFrom({ namespaceSelector: { matchLabels: { team: 'dns' } } });
      const world = worldWith(byTeam);
      const relabelled = {
        ...world,
        namespaces: [{ name: 'kube-system', labels: [['team', 'dns']] as const }],
      };
      expect(judge(world, [RESOLVER, CART]).allowed).toBe(false);
      expect(judge(relabelled, [RESOLVER, CART]).allowed).toBe(true);
    },
  },
  {
    point: 39,
    title: 'a policy without a namespace belongs to default',
    test: () => {
      for (const namespace of [undefined, null]) {
        const stray: NetworkPolicy = { metadata: { name: 'stray', namespace }, spec: { podSelector: {} } };
        expect(allows(stray, [WEB, podOf('cart', { namespace: 'default' })])).toBe(false);
        expect(allows(stray, [WEB, CART])).toBe(true);
      }
    },
  },
  {
    point: 40,
    title: 'the same name in two namespaces is two policies, each about its own',
    test: () => {
      const inShop = policyOf({ podSelector: {} }, 'deny', 'shop');
      const inMonitor = policyOf({ podSelector: {} }, 'deny', 'monitor');
      const world = worldWith(inMonitor, inShop);
      expect(judge(world, [RESOLVER, CART]).ingress.selecting).toEqual([1]);
      expect(judge(world, [RESOLVER, podOf('scraper', { namespace: 'monitor' })]).ingress.selecting).toEqual([
        0,
      ]);
    },
  },
  {
    point: 41,
    title: 'the scope of a single container',
    whyNoVerdict:
      'there is none: the ends of a connection are pods, and a sidecar shares all that its pod has',
  },
  {
    point: 42,
    title: 'DNS needs UDP and TCP, the real port of the resolver pods, and a block for a link-local resolver',
    test: () => {
      const dns = policyOf({
        podSelector: app('web'),
        policyTypes: ['Egress'],
        egress: [
          {
            to: [{ namespaceSelector: namespaceNamed('kube-system'), podSelector: app('resolver') }],
            ports: [{ protocol: 'UDP', port: 53 }],
          },
        ],
      });
      expect(allows(dns, [WEB, RESOLVER], { protocol: 'UDP', port: 53 })).toBe(true);
      expect(allows(dns, [WEB, RESOLVER], { protocol: 'TCP', port: 53 })).toBe(false);
      expect(allows(dns, [WEB, RESOLVER], { protocol: 'UDP', port: 5353 })).toBe(false);
      const nodeLocal: Endpoint = { kind: 'address', ip: '169.254.20.10' };
      expect(allows(dns, [WEB, nodeLocal], { protocol: 'UDP', port: 53 })).toBe(false);
    },
  },
  {
    point: 43,
    title: 'no selector reaches the API server; a block does where the profile holds it against nodes',
    test: () => {
      const apiServer: Endpoint = { kind: 'entity', entity: 'kube-apiserver', ip: '172.16.0.1' };
      const webMayCall = (peer: object) =>
        policyOf({ podSelector: app('web'), policyTypes: ['Egress'], egress: [{ to: [peer] }] });
      expect(allows(webMayCall({ namespaceSelector: {} }), [WEB, apiServer], { port: 6443 })).toBe(false);
      const byBlock = webMayCall({ ipBlock: { cidr: '172.16.0.1/32' } });
      expect(allows(byBlock, [WEB, apiServer], { port: 6443 })).toBe(true);
      expect(allows(byBlock, [WEB, apiServer], { port: 6443, profile: CILIUM_PROFILE })).toBe(false);
    },
  },
  {
    point: 44,
    title: 'a cluster whose plugin enforces no policies',
    whyNoVerdict: 'a verdict says what the policies mean, and takes it that somebody enforces them',
  },
  {
    point: 45,
    title: 'the size of an object and of the tables of a plugin',
    whyNoVerdict: 'they decide whether a policy can be stored or loaded, not what it means for a connection',
  },
  {
    point: 46,
    title:
      'ports 0 and 65536, a missing podSelector and an unknown field are named, and never open more than they say',
    test: () => {
      for (const port of [0, 65_536, -1, 80.5]) {
        const policy = brokenPolicy({ podSelector: app('cart'), ingress: [{ ports: [{ port }] }] });
        expect(allows(policy, [WEB, CART], { port: 80 })).toBe(false);
        expect(policyProblems(policy)).toEqual([
          { path: 'spec.ingress[0].ports[0]', fault: 'port_out_of_range' },
        ]);
      }
      const headless = brokenPolicy({ ingress: [] });
      expect(allows(headless, [WEB, CART])).toBe(false);
      expect(policyProblems(headless)).toEqual([{ path: 'spec.podSelector', fault: 'pod_selector_missing' }]);
      const misspelt = brokenPolicy({ podSelector: app('cart'), ingress: [{ form: [] }] });
      expect(policyProblems(misspelt)).toEqual([{ path: 'spec.ingress[0].form', fault: 'field_unknown' }]);
    },
  },
];
