import { describe, expect, test } from 'vitest';
import { describeProblem, FAULTS } from '#core/policy/literal/fault.ts';
import { policyProblems } from '#core/policy/literal/problems.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import {
  app,
  brokenPolicy,
  CART,
  judge,
  policyOf,
  RESOLVER,
  SCRAPER,
  WEB,
  worldWith,
} from './small-world.ts';

const ingress = (rule: unknown) => ({ podSelector: app('cart'), policyTypes: ['Ingress'], ingress: [rule] });
const peer = (value: unknown) => ingress({ from: [value] });
const port = (value: unknown) => ingress({ ports: [value] });
const requirement = (value: unknown) => peer({ podSelector: { matchExpressions: [value] } });
const block = (value: unknown) => peer({ ipBlock: value });

const FROM = 'spec.ingress[0].from[0]';
const PORT = 'spec.ingress[0].ports[0]';
const REQUIREMENT = `${FROM}.podSelector.matchExpressions[0]`;

/** A malformed spec, the path and fault it is reported under; all of them are about connections into `cart`. */
const MALFORMED: readonly (readonly [unknown, string, keyof typeof FAULTS])[] = [
  [null, 'spec', 'not_an_object'],
  ['deny', 'spec', 'not_an_object'],
  [{ podSelector: [] }, 'spec.podSelector', 'not_an_object'],
  [{ podSelector: { matchLabels: 'app=cart' } }, 'spec.podSelector.matchLabels', 'not_an_object'],
  [
    { podSelector: { matchLabels: { app: true } } },
    'spec.podSelector.matchLabels.app',
    'label_value_invalid',
  ],
  [{ podSelector: { matchExpressions: {} } }, 'spec.podSelector.matchExpressions', 'not_a_list'],
  [{ podSelector: app('cart'), policyTypes: 'Ingress' }, 'spec.policyTypes', 'not_a_list'],
  [{ podSelector: app('cart'), policyTypes: ['ingress'] }, 'spec.policyTypes[0]', 'policy_type_unknown'],
  [{ podSelector: app('cart'), ingress: {} }, 'spec.ingress', 'not_a_list'],
  [ingress(null), 'spec.ingress[0]', 'not_an_object'],
  [ingress('all'), 'spec.ingress[0]', 'not_an_object'],
  [ingress({ from: {} }), 'spec.ingress[0].from', 'not_a_list'],
  [ingress({ ports: 80 }), 'spec.ingress[0].ports', 'not_a_list'],
  [peer(null), FROM, 'not_an_object'],
  [peer({}), FROM, 'peer_empty'],
  [peer({ podSelector: null, namespaceSelector: null, ipBlock: null }), FROM, 'peer_empty'],
  [peer({ podSelector: {}, ipBlock: { cidr: '0.0.0.0/0' } }), FROM, 'peer_mixed'],
  [peer({ namespaceSelector: {}, ipBlock: { cidr: '0.0.0.0/0' } }), FROM, 'peer_mixed'],
  [peer({ podSelector: 'all' }), `${FROM}.podSelector`, 'not_an_object'],
  [requirement(null), REQUIREMENT, 'not_an_object'],
  [requirement({ key: 'no key', operator: 'DoesNotExist' }), REQUIREMENT, 'label_key_invalid'],
  [requirement({ key: 'Not_A.Prefix/app', operator: 'DoesNotExist' }), REQUIREMENT, 'label_key_invalid'],
  [requirement({ operator: 'DoesNotExist' }), REQUIREMENT, 'label_key_invalid'],
  [requirement({ key: 'app', operator: 'NotEquals', values: ['x'] }), REQUIREMENT, 'operator_unknown'],
  [requirement({ key: 'app', operator: 'in', values: ['web'] }), REQUIREMENT, 'operator_unknown'],
  [requirement({ key: 'app', operator: 'In' }), REQUIREMENT, 'values_missing'],
  [requirement({ key: 'app', operator: 'NotIn', values: [] }), REQUIREMENT, 'values_missing'],
  [requirement({ key: 'app', operator: 'NotIn', values: 'x' }), REQUIREMENT, 'not_a_list'],
  [requirement({ key: 'app', operator: 'NotIn', values: ['a b'] }), REQUIREMENT, 'label_value_invalid'],
  [requirement({ key: 'app', operator: 'NotIn', values: [7] }), REQUIREMENT, 'label_value_invalid'],
  [requirement({ key: 'app', operator: 'Exists', values: ['web'] }), REQUIREMENT, 'values_not_allowed'],
  [block('10.0.0.0/8'), `${FROM}.ipBlock`, 'not_an_object'],
  [block({}), `${FROM}.ipBlock.cidr`, 'cidr_invalid'],
  [block({ cidr: '10.0.0.0' }), `${FROM}.ipBlock.cidr`, 'cidr_invalid'],
  [block({ cidr: '10.0.0.0/8', except: 'x' }), `${FROM}.ipBlock.except`, 'not_a_list'],
  [block({ cidr: '10.0.0.0/8', except: ['x'] }), `${FROM}.ipBlock.except[0]`, 'except_invalid'],
  [block({ cidr: '10.0.0.0/8', except: ['11.0.0.0/8'] }), `${FROM}.ipBlock.except[0]`, 'except_outside_cidr'],
  [port(null), PORT, 'not_an_object'],
  [port(8080), PORT, 'not_an_object'],
  [port({ protocol: 'ICMP' }), PORT, 'protocol_unknown'],
  [port({ port: 0 }), PORT, 'port_out_of_range'],
  [port({ port: Number.NaN }), PORT, 'port_out_of_range'],
  [port({ port: true }), PORT, 'port_out_of_range'],
  [port({ port: '8080' }), PORT, 'port_name_invalid'],
  [port({ port: 'a-name-that-is-too-long' }), PORT, 'port_name_invalid'],
  [port({ endPort: 9000 }), PORT, 'end_port_without_port'],
  [port({ port: 'http', endPort: 9000 }), PORT, 'end_port_without_port'],
  [port({ port: 8080, endPort: 8079 }), PORT, 'end_port_out_of_range'],
  [port({ port: 8080, endPort: '9000' }), PORT, 'end_port_out_of_range'],
];

describe('malformed pieces', () => {
  test.each(MALFORMED)('%j lets nothing through and is named at %s as %s', (spec, path, fault) => {
    const policy = brokenPolicy(spec);
    expect(policyProblems(policy)).toEqual([{ path, fault }]);
    for (const from of [WEB, SCRAPER, RESOLVER]) {
      const { allowed, ingress: verdict } = judge(worldWith(policy), [from, CART]);
      expect(allowed).toBe(false);
      expect(verdict.isolated).toBe(true);
    }
    const { doubts } = judge(worldWith(policy), [WEB, CART]).ingress;
    expect(doubts.map((doubt) => [doubt.policy, doubt.fault])).toEqual([[0, fault]]);
    expect(path.startsWith(doubts[0]?.path ?? 'none')).toBe(true);
  });

  test('a malformed piece does not spoil the sound ones beside it', () => {
    const policy = brokenPolicy({
      podSelector: app('cart'),
      ingress: [{ from: [{}, { podSelector: app('web') }], ports: [{ port: 0 }, { port: 8080 }] }, null],
    });
    const { ingress: verdict } = judge(worldWith(policy), [WEB, CART]);
    expect(verdict.allowedBy).toEqual([{ policy: 0, rule: 0, peer: 1, port: 1 }]);
    expect(verdict.doubts.map((doubt) => doubt.path)).toEqual([
      'spec.ingress[0].ports[0]',
      'spec.ingress[0].from[0]',
      'spec.ingress[1]',
    ]);
  });

  test('a plain "no" beats a fault, in whatever order they stand', () => {
    const expressions = [
      { key: 'app', operator: 'In', values: ['db'] },
      { key: 'app', operator: 'Sometimes' },
    ];
    for (const matchExpressions of [expressions, expressions.toReversed()]) {
      const world = worldWith(brokenPolicy({ podSelector: { matchExpressions } }));
      expect(judge(world, [WEB, CART]).ingress.isolated).toBe(false);
    }
  });

  test.each([[null], [7], ['policy'], [[]]])(
    '%j in the place of a policy is named and isolates no pod of a named namespace',
    (value) => {
      const policy = value as unknown as NetworkPolicy;
      expect(policyProblems(policy)).toEqual([{ path: 'policy', fault: 'not_an_object' }]);
      expect(judge(worldWith(policy), [WEB, CART]).allowed).toBe(true);
    },
  );

  test.each([
    [{ spec: { podSelector: {} } }, 'metadata', 'not_an_object'],
    [{ metadata: {}, spec: { podSelector: {} } }, 'metadata.name', 'not_text'],
    [{ metadata: { name: 'a', namespace: 7 }, spec: { podSelector: {} } }, 'metadata.namespace', 'not_text'],
    [
      { kind: 'CiliumNetworkPolicy', metadata: { name: 'a' }, spec: { podSelector: {} } },
      'kind',
      'kind_unexpected',
    ],
    [
      { apiVersion: 'extensions/v1beta1', metadata: { name: 'a' }, spec: { podSelector: {} } },
      'apiVersion',
      'kind_unexpected',
    ],
    [{ metadata: { name: 'a' }, spec: { podSelector: {} }, 'sp ec': 1 }, '["sp ec"]', 'field_unknown'],
  ])('%j is named at %s', (policy, path, fault) => {
    expect(policyProblems(policy as unknown as NetworkPolicy)).toEqual([{ path, fault }]);
  });

  test('a policy the API server takes has no problems', () => {
    const policy = policyOf({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'cart', empty: '' } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{}, { from: null, ports: [] }],
      egress: [
        {
          to: [{ ipBlock: { cidr: '2001:db8::/32', except: ['2001:db8:1::/48'] } }],
          ports: [{ protocol: 'SCTP', port: 1, endPort: 65_535 }, { port: 'http-2' }],
        },
      ],
    });
    expect(policyProblems(policy)).toEqual([]);
  });

  test('every fault has words, and a problem reads as one line', () => {
    for (const words of Object.values(FAULTS)) expect(words).toMatch(/^(?:is|has|takes|needs|does|names) /);
    expect(describeProblem({ path: FROM, fault: 'peer_empty' })).toBe(
      'spec.ingress[0].from[0] names no peer; it matches nothing',
    );
  });
});
