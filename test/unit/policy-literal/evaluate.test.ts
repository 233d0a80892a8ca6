import { describe, expect, test } from 'vitest';
import { CILIUM_PROFILE, KUBERNETES_PROFILE, profileNamed } from '#core/policy/literal/profiles.ts';
import type { Endpoint, World } from '#core/policy/world.ts';
import {
  allows,
  app,
  CART,
  CART_IS_CLOSED,
  cartAcceptsFrom,
  DB,
  judge,
  OUTSIDE,
  podOf,
  policyOf,
  SCRAPER,
  WEB,
  worldWith,
} from './small-world.ts';

describe('a verdict names what decided', () => {
  test('every rule that allows is named, with its first peer and port', () => {
    const world = worldWith(
      CART_IS_CLOSED,
      policyOf({ podSelector: {}, policyTypes: ['Ingress'] }),
      policyOf({
        podSelector: app('cart'),
        ingress: [
          { from: [{ podSelector: app('db') }] },
          {
            from: [{ podSelector: app('db') }, { podSelector: app('web') }, { podSelector: {} }],
            ports: [{ port: 1 }, { port: 8080 }, {}],
          },
          {},
        ],
      }),
      policyOf({ podSelector: app('db'), ingress: [{}] }),
    );
    expect(judge(world, [WEB, CART])).toEqual({
      allowed: true,
      reason: 'policy',
      family: undefined,
      egress: {
        direction: 'egress',
        allowed: true,
        isolated: false,
        selecting: [],
        allowedBy: [],
        doubts: [],
      },
      ingress: {
        direction: 'ingress',
        allowed: true,
        isolated: true,
        selecting: [0, 1, 2],
        allowedBy: [
          { policy: 2, rule: 1, peer: 1, port: 1 },
          { policy: 2, rule: 2, peer: undefined, port: undefined },
        ],
        doubts: [],
      },
    });
  });

  test('a denied connection names the policies that isolate and no rule', () => {
    const { allowed, ingress } = judge(worldWith(cartAcceptsFrom({ podSelector: app('db') })), [WEB, CART]);
    expect(allowed).toBe(false);
    expect(ingress).toMatchObject({ isolated: true, selecting: [0], allowedBy: [] });
  });

  test('ends that are no pods are never isolated', () => {
    const world = worldWith(policyOf({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] }));
    expect(judge(world, [OUTSIDE, OUTSIDE])).toMatchObject({
      allowed: true,
      egress: { isolated: false },
      ingress: { isolated: false },
    });
  });
});

describe('two address families', () => {
  const dual = (name: string) => podOf(name, { ips: ['10.0.0.9', '2001:db8::9'] });
  const v4 = { ipBlock: { cidr: '10.0.0.0/24' } };
  const v6 = { ipBlock: { cidr: '2001:db8::/64' } };
  const webMayCall = (peer: typeof v4) =>
    policyOf({ podSelector: app('web'), policyTypes: ['Egress'], egress: [{ to: [peer] }] });

  test('both directions must allow the same family', () => {
    expect(allows([webMayCall(v4), cartAcceptsFrom(v6)], [dual('web'), dual('cart')])).toBe(false);
    const verdict = judge(worldWith(webMayCall(v6), cartAcceptsFrom(v6)), [dual('web'), dual('cart')]);
    expect(verdict).toMatchObject({ allowed: true, family: 'IPv6' });
  });

  test('an end with one address decides the family', () => {
    expect(allows(webMayCall(v6), [WEB, dual('cart')])).toBe(false);
    expect(allows(webMayCall(v4), [WEB, dual('cart')])).toBe(true);
  });

  test('the address a connection used decides, where it is known', () => {
    const to = (ip: string): Endpoint => ({ kind: 'pod', pod: dual('cart'), ip });
    expect(allows(webMayCall(v4), [WEB, to('10.0.0.9')])).toBe(true);
    expect(allows(webMayCall(v4), [podOf('web', { ips: [] }), to('2001:db8::9')])).toBe(false);
  });
});

describe('ends without an address', () => {
  test('what has no known address is in no block, but peerless rules allow it', () => {
    const world: Endpoint = { kind: 'entity', entity: 'world' };
    const everywhere = cartAcceptsFrom({ ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } });
    expect(allows(everywhere, [world, CART])).toBe(false);
    expect(allows(everywhere, [{ ...world, ip: '192.0.2.1' }, CART])).toBe(true);
    expect(allows(everywhere, [podOf('web', { ips: [] }), CART])).toBe(false);
    expect(allows(cartAcceptsFrom(), [world, CART])).toBe(true);
  });

  test('an address that can not be read is in no block', () => {
    const everywhere = cartAcceptsFrom({ ipBlock: { cidr: '0.0.0.0/0' } });
    expect(allows(everywhere, [{ kind: 'address', ip: 'not-an-address' }, CART])).toBe(false);
  });
});

describe('profiles', () => {
  test('a profile is found by the name a certificate carries', () => {
    expect(profileNamed('cilium')).toBe(CILIUM_PROFILE);
    expect(profileNamed('kubernetes')).toBe(KUBERNETES_PROFILE);
  });

  test('under cilium a block never reaches what has an identity of its own', () => {
    const everywhere = cartAcceptsFrom({ ipBlock: { cidr: '0.0.0.0/0' } });
    const entities = ['health', 'ingress', 'unmanaged', 'init', 'remote-node', 'kube-apiserver'] as const;
    for (const entity of entities) {
      const end: Endpoint = { kind: 'entity', entity, ip: '10.0.0.200', node: 'node-2' };
      expect(allows(everywhere, [end, CART], { profile: CILIUM_PROFILE })).toBe(false);
      expect(allows(everywhere, [end, CART])).toBe(true);
    }
  });

  test('under cilium a block never reaches a pod, in either direction', () => {
    const webMayCall = policyOf({
      podSelector: app('web'),
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }],
    });
    expect(allows(webMayCall, [WEB, CART], { profile: CILIUM_PROFILE })).toBe(false);
    expect(allows(webMayCall, [WEB, { kind: 'address', ip: '10.0.0.2' }], { profile: CILIUM_PROFILE })).toBe(
      true,
    );
  });
});

test('a world read back from JSON is judged the same, and no label key is special', () => {
  const hostile = JSON.parse('{"matchLabels":{"__proto__":"polluted","constructor":"x"}}');
  const policies = [cartAcceptsFrom({ podSelector: hostile }), policyOf({ podSelector: app('db') })];
  const carrier = podOf('web', {
    labels: [
      ['constructor', 'x'],
      ['__proto__', 'polluted'],
    ],
  });
  const again = JSON.parse(JSON.stringify(worldWith(...policies))) as World;
  for (const world of [worldWith(...policies), again]) {
    expect(judge(world, [WEB, CART]).allowed).toBe(false);
    expect(judge(world, [carrier, CART]).allowed).toBe(true);
    expect(judge(world, [SCRAPER, DB]).allowed).toBe(false);
  }
});
