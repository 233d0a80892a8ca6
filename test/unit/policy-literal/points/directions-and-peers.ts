import { expect } from 'vitest';
import {
  allows,
  app,
  CART,
  CART_IS_CLOSED,
  cartAcceptsFrom,
  DB,
  judge,
  namespaceNamed,
  OUTSIDE,
  type Point,
  podOf,
  policyOf,
  SCRAPER,
  WEB,
  worldWith,
} from '../small-world.ts';

/** Points 1 to 15: directions, lists that are there or not, peers, selectors. */
export const DIRECTION_AND_PEER_POINTS: readonly Point[] = [
  {
    point: 1,
    title: 'a direction in which no policy selects the pod is open, even if the other one is isolated',
    test: () => {
      const verdict = judge(worldWith(CART_IS_CLOSED), [CART, DB]);
      expect(verdict.egress.isolated).toBe(false);
      expect(verdict.allowed).toBe(true);
      expect(judge(worldWith(CART_IS_CLOSED), [DB, CART]).ingress.isolated).toBe(true);
    },
  },
  {
    point: 2,
    title: 'a connection needs the egress of its source and the ingress of its destination',
    test: () => {
      const webMaySend = policyOf({
        podSelector: app('web'),
        policyTypes: ['Egress'],
        egress: [{ to: [{ podSelector: app('cart') }] }],
      });
      const webMaySendNothing = policyOf({ podSelector: app('web'), policyTypes: ['Egress'] });
      expect(allows([webMaySend, cartAcceptsFrom({ podSelector: app('web') })], [WEB, CART])).toBe(true);
      expect(allows([webMaySend, CART_IS_CLOSED], [WEB, CART])).toBe(false);
      expect(allows([webMaySendNothing, cartAcceptsFrom({ podSelector: {} })], [WEB, CART])).toBe(false);
    },
  },
  {
    point: 3,
    title: 'policies add up, and none takes away what another allows',
    test: () => {
      const web = cartAcceptsFrom({ podSelector: app('web') });
      const db = cartAcceptsFrom({ podSelector: app('db') });
      for (const policies of [
        [CART_IS_CLOSED, web, db],
        [db, web, CART_IS_CLOSED],
      ]) {
        expect(allows(policies, [WEB, CART])).toBe(true);
        expect(allows(policies, [DB, CART])).toBe(true);
        expect(allows(policies, [SCRAPER, CART])).toBe(false);
      }
    },
  },
  {
    point: 4,
    title: 'without policyTypes a policy is about ingress, and about egress only if it has an egress rule',
    test: () => {
      const isolates = (spec: Parameters<typeof policyOf>[0]) => {
        const world = worldWith(policyOf(spec));
        return [judge(world, [WEB, CART]).ingress.isolated, judge(world, [CART, WEB]).egress.isolated];
      };
      expect(isolates({ podSelector: app('cart') })).toEqual([true, false]);
      expect(isolates({ podSelector: app('cart'), policyTypes: [] })).toEqual([true, false]);
      expect(isolates({ podSelector: app('cart'), egress: [] })).toEqual([true, false]);
      expect(isolates({ podSelector: app('cart'), egress: [{}] })).toEqual([true, true]);
      expect(isolates({ podSelector: app('cart'), policyTypes: ['Ingress'], egress: [{}] })).toEqual([
        true,
        false,
      ]);
    },
  },
  {
    point: 5,
    title: 'policyTypes with Egress alone leaves ingress open, whatever its ingress section says',
    test: () => {
      const policy = policyOf({ podSelector: app('cart'), policyTypes: ['Egress'], ingress: [] });
      expect(allows(policy, [WEB, CART])).toBe(true);
      expect(allows(policy, [CART, WEB])).toBe(false);
    },
  },
  {
    point: 6,
    title: 'an empty list of rules, null and no list at all are the same: nothing is allowed',
    test: () => {
      for (const ingress of [[], null, undefined]) {
        const policy = policyOf({ podSelector: app('cart'), policyTypes: ['Ingress'], ingress });
        expect(allows(policy, [WEB, CART])).toBe(false);
      }
    },
  },
  {
    point: 7,
    title: 'one empty rule allows everything, from outside too',
    test: () => {
      const policy = policyOf({ podSelector: app('cart'), policyTypes: ['Ingress'], ingress: [{}] });
      for (const from of [WEB, SCRAPER, OUTSIDE, { kind: 'entity', entity: 'remote-node' } as const]) {
        expect(allows(policy, [from, CART], { protocol: 'SCTP', port: 1 })).toBe(true);
      }
    },
  },
  {
    point: 8,
    title:
      'no peers means anybody, an empty podSelector the own namespace, an empty namespaceSelector every pod',
    test: () => {
      for (const from of [[], null, undefined]) {
        const anybody = policyOf({ podSelector: app('cart'), ingress: [{ from }] });
        expect([WEB, SCRAPER, OUTSIDE].map((end) => allows(anybody, [end, CART]))).toEqual([
          true,
          true,
          true,
        ]);
      }
      const ownPods = cartAcceptsFrom({ podSelector: {} });
      expect([WEB, SCRAPER, OUTSIDE].map((end) => allows(ownPods, [end, CART]))).toEqual([
        true,
        false,
        false,
      ]);
      const allPods = cartAcceptsFrom({ namespaceSelector: {} });
      expect([WEB, SCRAPER, OUTSIDE].map((end) => allows(allPods, [end, CART]))).toEqual([true, true, false]);
    },
  },
  {
    point: 9,
    title: 'two selectors in one peer must both match, two peers are alternatives',
    test: () => {
      const monitor = namespaceNamed('monitor');
      const and = cartAcceptsFrom({ namespaceSelector: monitor, podSelector: app('web') });
      const or = cartAcceptsFrom({ namespaceSelector: monitor }, { podSelector: app('web') });
      expect([WEB, SCRAPER, DB].map((end) => allows(and, [end, CART]))).toEqual([false, false, false]);
      expect([WEB, SCRAPER, DB].map((end) => allows(or, [end, CART]))).toEqual([true, true, false]);
    },
  },
  {
    point: 10,
    title: "a peer with only a podSelector means pods of the policy's own namespace",
    test: () => {
      const twin = podOf('web', { namespace: 'monitor' });
      expect(allows(cartAcceptsFrom({ podSelector: app('web') }), [WEB, CART])).toBe(true);
      expect(allows(cartAcceptsFrom({ podSelector: app('web') }), [twin, CART])).toBe(false);
    },
  },
  {
    point: 11,
    title: 'a namespaceSelector reads the labels of the namespace, never its name; an unknown one has none',
    test: () => {
      expect(allows(cartAcceptsFrom({ namespaceSelector: namespaceNamed('monitor') }), [SCRAPER, CART])).toBe(
        true,
      );
      expect(
        allows(cartAcceptsFrom({ namespaceSelector: { matchLabels: { team: 'ops' } } }), [SCRAPER, CART]),
      ).toBe(true);
      expect(
        allows(cartAcceptsFrom({ namespaceSelector: { matchLabels: { name: 'monitor' } } }), [SCRAPER, CART]),
      ).toBe(false);
      const stranger = podOf('web', { namespace: 'unheard-of' });
      expect(
        allows(cartAcceptsFrom({ namespaceSelector: namespaceNamed('unheard-of') }), [stranger, CART]),
      ).toBe(false);
      expect(allows(cartAcceptsFrom({ namespaceSelector: {} }), [stranger, CART])).toBe(true);
    },
  },
  {
    point: 12,
    title: 'an empty spec.podSelector selects every pod of the namespace and none elsewhere',
    test: () => {
      const policy = policyOf({ podSelector: {}, policyTypes: ['Ingress'] });
      expect(allows(policy, [SCRAPER, WEB])).toBe(false);
      expect(allows(policy, [SCRAPER, CART])).toBe(false);
      expect(allows(policy, [WEB, SCRAPER])).toBe(true);
    },
  },
  {
    point: 13,
    title: 'matchLabels and matchExpressions must all hold, and operators without their values match nothing',
    test: () => {
      const tierIs = (operator: string, values?: readonly string[]) =>
        cartAcceptsFrom({
          podSelector: { ...app('db'), matchExpressions: [{ key: 'tier', operator, values }] },
        });
      const twoLabels = (app: string, tier: string) =>
        cartAcceptsFrom({ podSelector: { matchLabels: { app, tier } } });
      expect(allows(twoLabels('db', ''), [DB, CART])).toBe(true);
      expect(allows(twoLabels('web', ''), [DB, CART])).toBe(false);
      expect(allows(twoLabels('db', 'gold'), [DB, CART])).toBe(false);
      expect(allows(tierIs('Exists'), [DB, CART])).toBe(true);
      expect(allows(tierIs('Exists'), [WEB, CART])).toBe(false);
      expect(allows(tierIs('In', ['gold']), [DB, CART])).toBe(false);
      expect(allows(tierIs('NotIn', ['gold']), [DB, CART])).toBe(true);
      expect(allows(tierIs('In'), [DB, CART])).toBe(false);
      expect(allows(tierIs('NotIn', []), [DB, CART])).toBe(false);
      expect(allows(tierIs('Exists', ['gold']), [DB, CART])).toBe(false);
      expect(allows(tierIs('DoesNotExist', ['gold']), [WEB, CART])).toBe(false);
    },
  },
  {
    point: 14,
    title: 'NotIn and DoesNotExist match a pod without the key',
    test: () => {
      const tierIs = (operator: string, values?: readonly string[]) =>
        cartAcceptsFrom({ podSelector: { matchExpressions: [{ key: 'tier', operator, values }] } });
      expect(allows(tierIs('NotIn', ['gold']), [WEB, CART])).toBe(true);
      expect(allows(tierIs('DoesNotExist'), [WEB, CART])).toBe(true);
      expect(allows(tierIs('DoesNotExist'), [DB, CART])).toBe(false);
    },
  },
  {
    point: 15,
    title: 'matchLabels with an empty value needs the key, with an empty value',
    test: () => {
      const emptyTier = cartAcceptsFrom({ podSelector: { matchLabels: { tier: '' } } });
      expect(allows(emptyTier, [DB, CART])).toBe(true);
      expect(allows(emptyTier, [WEB, CART])).toBe(false);
    },
  },
];
