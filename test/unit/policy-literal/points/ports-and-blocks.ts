import { expect } from 'vitest';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import type { IpBlock, NetworkPolicyPort } from '#core/policy/network-policy.ts';
import type { Endpoint } from '#core/policy/world.ts';
import {
  allows,
  app,
  brokenPolicy,
  CART,
  cartAcceptsFrom,
  judge,
  OUTSIDE,
  type Point,
  podOf,
  policyOf,
  WEB,
  worldWith,
} from '../small-world.ts';

const cartListensOn = (...ports: readonly NetworkPolicyPort[]) =>
  policyOf({ podSelector: app('cart'), policyTypes: ['Ingress'], ingress: [{ ports }] });

const webMayCall = (...ports: readonly NetworkPolicyPort[]) =>
  policyOf({
    podSelector: app('web'),
    policyTypes: ['Egress'],
    egress: [{ to: [{ podSelector: app('cart') }], ports }],
  });

const webMayCallBlock = (ipBlock: IpBlock, ...ports: readonly NetworkPolicyPort[]) =>
  policyOf({ podSelector: app('web'), policyTypes: ['Egress'], egress: [{ to: [{ ipBlock }], ports }] });

const address = (ip: string): Endpoint => ({ kind: 'address', ip });

const reaches = (ipBlock: IpBlock, ...ips: readonly string[]) =>
  ips.map((ip) => allows(webMayCallBlock(ipBlock), [WEB, address(ip)]));

/** Points 16 to 27: ports, protocols, address blocks. */
export const PORT_AND_BLOCK_POINTS: readonly Point[] = [
  {
    point: 16,
    title: 'no ports means every protocol, an entry without a port means all ports of TCP or of its protocol',
    test: () => {
      const asks = [
        { protocol: 'TCP', port: 1 },
        { protocol: 'UDP', port: 53 },
        { protocol: 'SCTP', port: 9 },
      ] as const;
      const answers = (policy: Parameters<typeof allows>[0]) =>
        asks.map((ask) => allows(policy, [WEB, CART], ask));
      expect(answers(cartListensOn())).toEqual([true, true, true]);
      expect(answers(cartListensOn({}))).toEqual([true, false, false]);
      expect(answers(cartListensOn({ protocol: 'TCP' }))).toEqual([true, false, false]);
      expect(answers(cartListensOn({ protocol: 'UDP' }))).toEqual([false, true, false]);
      expect(answers(cartListensOn({ port: 53 }))).toEqual([false, false, false]);
      expect(answers(cartListensOn({ port: 53 }, { port: 53, protocol: 'UDP' }))).toEqual([
        false,
        true,
        false,
      ]);
    },
  },
  {
    point: 17,
    title:
      'a named port is looked up on the destination pod, with its protocol; an unknown name matches nothing',
    test: () => {
      expect(allows(cartListensOn({ port: 'http' }), [WEB, CART])).toBe(true);
      expect(allows(cartListensOn({ port: 'http' }), [WEB, CART], { port: 8081 })).toBe(false);
      expect(allows(cartListensOn({ port: 'stats' }), [WEB, CART], { port: 8125 })).toBe(false);
      const stats = cartListensOn({ port: 'stats', protocol: 'UDP' });
      expect(allows(stats, [WEB, CART], { port: 8125, protocol: 'UDP' })).toBe(true);
      const unknown = judge(worldWith(cartListensOn({ port: 'grpc' })), [WEB, CART]);
      expect(unknown.allowed).toBe(false);
      expect(unknown.ingress.doubts).toEqual([]);
    },
  },
  {
    point: 18,
    title: "for egress the peer pod's named port counts, and towards a block a name matches nothing",
    test: () => {
      expect(allows(webMayCall({ port: 'http' }), [WEB, CART])).toBe(true);
      const cartBlock = { cidr: '10.0.0.2/32' };
      expect(allows(webMayCallBlock(cartBlock, { port: 'http' }), [WEB, CART])).toBe(false);
      expect(allows(webMayCallBlock(cartBlock, { port: 'http' }), [WEB, address('10.0.0.2')])).toBe(false);
      const both = judge(worldWith(webMayCallBlock(cartBlock, { port: 'http' }, { port: 8080 })), [
        WEB,
        CART,
      ]);
      expect(both.egress.allowedBy).toEqual([{ policy: 0, rule: 0, peer: 0, port: 1 }]);
    },
  },
  {
    point: 19,
    title: 'one port name may stand for different numbers on the pods of one rule',
    test: () => {
      const next = podOf('cart', { namedPorts: [{ name: 'http', protocol: 'TCP', port: 9090 }] });
      const answers = [CART, next].map((pod) =>
        [8080, 9090].map((port) => allows(webMayCall({ port: 'http' }), [WEB, pod], { port })),
      );
      expect(answers).toEqual([
        [true, false],
        [false, true],
      ]);
    },
  },
  {
    point: 20,
    title: 'endPort makes an inclusive range that starts at a numeric port, and is nothing without one',
    test: () => {
      const answers = (entry: NetworkPolicyPort) =>
        [79, 80, 85, 90, 91].map((port) => allows(cartListensOn(entry), [WEB, CART], { port }));
      const none = [false, false, false, false, false];
      expect(answers({ port: 80, endPort: 90 })).toEqual([false, true, true, true, false]);
      expect(answers({ port: 80, endPort: 80 })).toEqual([false, true, false, false, false]);
      expect(answers({ port: 80, endPort: 79 })).toEqual(none);
      expect(answers({ port: 80, endPort: 65_536 })).toEqual(none);
      expect(answers({ port: 'http', endPort: 90 })).toEqual(none);
      expect(answers({ endPort: 90 })).toEqual(none);
    },
  },
  {
    point: 21,
    title: 'an SCTP rule is never read as TCP but isolates the pod, and other protocols match nothing',
    test: () => {
      const sctp = cartListensOn({ protocol: 'SCTP', port: 8080 });
      expect(allows(sctp, [WEB, CART], { protocol: 'TCP' })).toBe(false);
      expect(allows(sctp, [WEB, CART], { protocol: 'SCTP' })).toBe(true);
      for (const protocol of ['ICMP', 'tcp', 'ANY', '']) {
        const verdict = judge(worldWith(cartListensOn({ protocol })), [WEB, CART]);
        expect(verdict.allowed).toBe(false);
        expect(verdict.ingress.doubts.map((doubt) => doubt.fault)).toEqual(['protocol_unknown']);
      }
    },
  },
  {
    point: 22,
    title: 'ICMP and other protocols',
    whyNoVerdict:
      'a NetworkPolicy can not express them and plugins differ, so a connection to judge is TCP, UDP or SCTP by type',
  },
  {
    point: 23,
    title: 'an exception lies inside its block, and another peer or policy may allow it again',
    test: () => {
      const block = { cidr: '192.0.2.0/24', except: ['192.0.2.128/25'] };
      expect(reaches(block, '192.0.2.1', '192.0.2.200', '192.0.3.1')).toEqual([true, false, false]);
      expect(reaches({ cidr: '192.0.2.0/24', except: ['198.51.100.0/24'] }, '192.0.2.1')).toEqual([false]);
      expect(reaches({ cidr: '192.0.2.0/24', except: ['192.0.2.0/24'] }, '192.0.2.1')).toEqual([false]);
      const again = [webMayCallBlock(block), webMayCallBlock({ cidr: '192.0.2.200/32' })];
      expect(allows(again, [WEB, address('192.0.2.200')])).toBe(true);
    },
  },
  {
    point: 24,
    title: 'host bits in a block are masked',
    test: () => {
      expect(reaches({ cidr: '10.244.1.10/4' }, '15.255.0.1', '16.0.0.1')).toEqual([true, false]);
      expect(reaches({ cidr: '2001:db8::77/32' }, '2001:db8:1::1', '2001:db9::1')).toEqual([true, false]);
    },
  },
  {
    point: 25,
    title: 'IPv4 and IPv6 blocks never match each other',
    test: () => {
      const ips = ['203.0.113.7', '2001:db8::1', '::ffff:203.0.113.7'];
      expect(reaches({ cidr: '0.0.0.0/0' }, ...ips)).toEqual([true, false, true]);
      expect(reaches({ cidr: '::/0' }, ...ips)).toEqual([false, true, false]);
      expect(reaches({ cidr: '2001:db8::1/32' }, '2001:db8:ffff::1')).toEqual([true]);
    },
  },
  {
    point: 26,
    title: 'whether a block matches pods and nodes is a switch of the profile',
    test: () => {
      const everything = cartAcceptsFrom({ ipBlock: { cidr: '0.0.0.0/0' } });
      const node: Endpoint = { kind: 'entity', entity: 'remote-node', ip: '172.16.0.9', node: 'node-9' };
      const apiServer: Endpoint = { kind: 'entity', entity: 'kube-apiserver', ip: '172.16.0.1' };
      const gateway: Endpoint = { kind: 'entity', entity: 'ingress', ip: '10.0.9.9' };
      const ends = [WEB, node, apiServer, gateway, OUTSIDE];
      expect(ends.map((end) => allows(everything, [end, CART]))).toEqual([true, true, true, true, true]);
      const cilium = ends.map((end) => allows(everything, [end, CART], { profile: CILIUM_PROFILE }));
      expect(cilium).toEqual([false, false, false, false, true]);
    },
  },
  {
    point: 27,
    title: 'a peer with a block and a selector matches nothing, and says so',
    test: () => {
      const mixed = brokenPolicy({
        podSelector: app('cart'),
        ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' }, podSelector: {} }] }],
      });
      const verdict = judge(worldWith(mixed), [WEB, CART]);
      expect(verdict.allowed).toBe(false);
      expect(verdict.ingress.doubts).toEqual([
        { policy: 0, path: 'spec.ingress[0].from[0]', fault: 'peer_mixed' },
      ]);
    },
  },
];
