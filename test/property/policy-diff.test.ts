import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NamespaceName, ObjectName } from '#core/identity/names.ts';
import { policyId } from '#core/policy/certify/content-hash.ts';
import type { ClusterModel, ClusterWorkload } from '#core/policy/cluster/cluster-model.ts';
import { worldOf } from '#core/policy/cluster/model-world.ts';
import { rangeOfAddress } from '#core/policy/connections/address-range.ts';
import {
  type ConnectivityEnd,
  type ConnectivityRow,
  connectivityOf,
  describeEnd,
} from '#core/policy/connections/connectivity.ts';
import { literalJudge } from '#core/policy/connections/literal-judge.ts';
import { isSamePorts, portSetKey, sharedPorts } from '#core/policy/connections/port-set.ts';
import { CLOSED, type Openness, type WeighedChange } from '#core/policy/diff/connection-change.ts';
import { diffPolicies } from '#core/policy/diff/policy-diff.ts';
import { reasonKey } from '#core/policy/diff/reasons.ts';
import { CILIUM_PROFILE, KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { CniProfile } from '#core/policy/world.ts';
import { clusterFromTexts } from '../../server/adapters/manifests/read-cluster.ts';
import { DENY_ALL, dbPolicy, deployment } from '../unit/policy-diff/small-worlds.ts';
import { anyCase } from './policy-literal-arbitraries.ts';

const SOURCE = { file: 'a.yaml', document: 1, line: 1, item: '' };

const workload = (namespace: string, name: string): ClusterWorkload => ({
  namespace: namespace as NamespaceName,
  kind: 'Deployment',
  name: name as ObjectName,
  replicas: undefined,
  ports: [],
  source: undefined,
});

/** A cluster of few names, so that two of them share workloads, pods and policies, and differ in others. */
const anyModel: fc.Arbitrary<ClusterModel> = fc
  .array(anyCase, { minLength: 2, maxLength: 4 })
  .map((cases) => {
    const all = cases.flatMap(({ world }) => world.pods);
    const pods = [...new Map(all.map((pod) => [`${pod.namespace}/${pod.name}`, pod])).values()];
    const names = [
      ...new Set(pods.map((pod) => `${pod.namespace}/${pod.labels.length % 2 === 0 ? 'even' : 'odd'}`)),
    ];
    const [first] = cases;
    const policies = new Map((first?.world.policies ?? []).map((policy) => [policyId(policy), policy]));
    return {
      namespaces: (first?.world.namespaces ?? []).map(({ name, labels }) => ({
        name: name as NamespaceName,
        labels,
        source: undefined,
      })),
      workloads: names.map((name) => workload(name.split('/')[0] ?? '', name.split('/')[1] ?? '')),
      pods: pods.map((pod) => ({
        pod,
        workload: names.indexOf(`${pod.namespace}/${pod.labels.length % 2 === 0 ? 'even' : 'odd'}`),
        origin: 'seen' as const,
      })),
      services: [],
      ingresses: [],
      policies: [...policies.values()].map((policy) => ({ policy, source: SOURCE })),
      otherKinds: [],
    };
  })
  .filter(({ workloads }) => workloads.length > 0);

const anyProfile = fc.constantFrom<CniProfile>(KUBERNETES_PROFILE, CILIUM_PROFILE);

const ADDRESSES = [
  '0.0.0.0',
  '10.0.0.1',
  '10.0.0.128',
  '10.0.1.0',
  '10.0.2.0',
  '203.0.113.7',
  '203.0.113.8',
  '2001:db8::',
  '2001:db8::1',
  '2001:db9::',
] as const;

/** One text a fact, so that lists in any order can be compared. */
const opennessKey = ({ ports, onlySomePods }: Openness): string =>
  `${portSetKey(ports)} / ${portSetKey(onlySomePods)}`;

const MIRRORED = { added: 'removed', removed: 'added', changed: 'changed' } as const;
const MIRRORED_CLASS: Readonly<Record<string, string>> = { widened: 'tightened', tightened: 'widened' };

const keyOf = (change: WeighedChange): string =>
  [
    change.kind,
    change.classes.toSorted().join('+'),
    `${describeEnd(change.from)} => ${describeEnd(change.to)}`,
    opennessKey(change.before),
    opennessKey(change.after),
    portSetKey(change.opened),
    portSetKey(change.closed),
  ].join(' | ');

const mirrored = (change: WeighedChange): WeighedChange => ({
  ...change,
  kind: MIRRORED[change.kind],
  classes: change.classes.map((each) => (MIRRORED_CLASS[each] ?? each) as typeof each),
  before: change.after,
  after: change.before,
  opened: change.closed,
  closed: change.opened,
});

/** What one of a list's lines says of two ends, one of which may be an address. */
interface Ends {
  readonly from: ConnectivityEnd;
  readonly to: ConnectivityEnd;
}

function isAbout(end: ConnectivityEnd, asked: string): boolean {
  if (end.kind === 'workload') return describeEnd(end) === asked;
  const at = rangeOfAddress(asked);
  const { family, first, last } = end.range;
  return at !== undefined && at.family === family && first <= at.first && at.first <= last;
}

const found = <T extends Ends>(list: readonly T[], from: string, to: string): T | undefined => {
  const own = list.filter((each) => isAbout(each.from, from) && isAbout(each.to, to));
  expect(own.length).toBeLessThan(2);
  return own[0];
};

const rowsOf = (model: ClusterModel, profile: CniProfile): readonly ConnectivityRow[] =>
  connectivityOf({ model, profile, allowed: literalJudge(worldOf(model), profile) });

const namesIn = (models: readonly ClusterModel[]): readonly string[] => [
  ...new Set(
    models.flatMap(({ workloads }) =>
      workloads.map((each) => describeEnd({ kind: 'workload', workload: each })),
    ),
  ),
];

describe('the difference between what two sets of policies allow', () => {
  test('is nothing between a cluster and itself', () => {
    fc.assert(
      fc.property(anyModel, anyProfile, (model, profile) => {
        const diff = diffPolicies({ old: model, new: model, profile });
        expect(diff.changes).toEqual([]);
        expect(diff.policies).toEqual([]);
        expect(diff.workloads).toEqual({ added: [], gone: [] });
      }),
      { numRuns: 60 },
    );
  });

  test('seen from the other side is its mirror', () => {
    fc.assert(
      fc.property(anyModel, anyModel, anyProfile, (a, b, profile) => {
        const there = diffPolicies({ old: a, new: b, profile });
        const back = diffPolicies({ old: b, new: a, profile });
        expect(back.changes.map(mirrored).map(keyOf).sort()).toEqual(there.changes.map(keyOf).sort());
        expect(back.workloads).toEqual({ added: there.workloads.gone, gone: there.workloads.added });
      }),
      { numRuns: 150 },
    );
  });

  test('applied to what was allowed gives what is allowed', () => {
    fc.assert(
      fc.property(anyModel, anyModel, anyProfile, (old, later, profile) => {
        const { changes } = diffPolicies({ old, new: later, profile });
        const [before, after] = [rowsOf(old, profile), rowsOf(later, profile)];
        const names = namesIn([old, later]);
        const pairs = names.flatMap((name) => [
          ...names.map((other) => [name, other] as const),
          ...ADDRESSES.flatMap((address) => [[name, address] as const, [address, name] as const]),
        ]);
        for (const [from, to] of pairs) {
          const was = opennessKey(found(before, from, to) ?? CLOSED);
          const is = opennessKey(found(after, from, to) ?? CLOSED);
          const change = found(changes, from, to);
          const told = change && [opennessKey(change.before), opennessKey(change.after)];
          expect({ from, to, told }).toEqual({ from, to, told: was === is ? undefined : [was, is] });
        }
      }),
      { numRuns: 100 },
    );
  });

  test('opens and closes different ports, never the same, and always has a reason', () => {
    fc.assert(
      fc.property(anyModel, anyModel, anyProfile, (old, later, profile) => {
        for (const change of diffPolicies({ old, new: later, profile }).changes) {
          const { opened, closed, reasons, unexplained, openedByPolicy, closedByPolicy } = change;
          expect(sharedPorts(opened, closed)).toEqual([]);
          expect(opened.length + closed.length).toBeGreaterThan(0);
          expect(reasons.length).toBeGreaterThan(0);
          const told = reasons.flatMap(({ ports }) => ports);
          const isWhole = isSamePorts(sharedPorts(told, [...opened, ...closed]), told);
          expect(isWhole).toBe(true);
          expect(unexplained).toEqual([]);
          const byPolicy = { opened: openedByPolicy, closed: closedByPolicy };
          for (const reason of reasons.filter(
            ({ effect, ports }) => sharedPorts(byPolicy[effect], ports).length > 0,
          ))
            for (const { before, after } of reason.directions)
              expect([before === undefined, after === undefined]).toEqual([false, false]);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('is the same in whatever order files are read', () => {
    const texts = [
      deployment('cart'),
      deployment('db'),
      deployment('web'),
      DENY_ALL,
      dbPolicy(1),
      dbPolicy(2, 'web').replace('name: db', 'name: db-too'),
    ];
    const files = texts.map((text, index) => ({ file: `${index}.yaml`, text }));
    const anyFiles = fc.subarray(files, { minLength: 1 });
    const anyOrder = (own: typeof files) =>
      fc.shuffledSubarray(own, { minLength: own.length, maxLength: own.length });
    const told = (old: typeof files, later: typeof files): readonly string[] =>
      diffPolicies({
        old: clusterFromTexts(old).model,
        new: clusterFromTexts(later).model,
        profile: KUBERNETES_PROFILE,
      }).changes.map((change) => `${keyOf(change)} ${change.reasons.map(reasonKey).join(' ')}`);
    const anyPair = fc
      .tuple(anyFiles, anyFiles)
      .chain(([old, later]) => fc.tuple(fc.constant([old, later] as const), anyOrder(old), anyOrder(later)));
    fc.assert(
      fc.property(anyPair, ([[old, later], oldAgain, laterAgain]) => {
        expect(told(oldAgain, laterAgain)).toEqual(told(old, later));
      }),
      { numRuns: 100 },
    );
  });
});
