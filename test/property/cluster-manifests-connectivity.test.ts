import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NamespaceName, ObjectName } from '#core/identity/names.ts';
import type { ClusterModel, ClusterWorkload } from '#core/policy/cluster/cluster-model.ts';
import { worldOf } from '#core/policy/cluster/model-world.ts';
import { rangeOfAddress } from '#core/policy/connections/address-range.ts';
import {
  type ConnectivityEnd,
  type ConnectivityRow,
  connectivityOf,
} from '#core/policy/connections/connectivity.ts';
import { literalJudge } from '#core/policy/connections/literal-judge.ts';
import type { PortSet } from '#core/policy/connections/port-set.ts';
import { portabilityOf } from '#core/policy/connections/portability.ts';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import { KUBERNETES_PROFILE, PROFILES } from '#core/policy/literal/profiles.ts';
import type { CniProfile, Endpoint, PolicyProtocol, WorldPod } from '#core/policy/world.ts';
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

/** A model whose pods go two by two: those of a namespace whose labels begin alike are one workload. */
const anyModel: fc.Arbitrary<ClusterModel> = fc
  .array(anyCase, { minLength: 2, maxLength: 4 })
  .map((cases) => {
    const all = cases.flatMap(({ world }) => world.pods);
    const pods = [...new Map(all.map((pod) => [`${pod.namespace}/${pod.name}`, pod])).values()];
    const names = ['a', 'b'].flatMap((namespace) => ['even', 'odd'].map((name) => workload(namespace, name)));
    const [first] = cases;
    const workloadOf = (pod: WorldPod): number => (pod.namespace === 'a' ? 0 : 2) + (pod.labels.length % 2);
    return {
      namespaces: (first?.world.namespaces ?? []).map(({ name, labels }) => ({
        name: name as NamespaceName,
        labels,
        source: undefined,
      })),
      workloads: names,
      pods: pods.map((pod) => ({ pod, workload: workloadOf(pod), origin: 'seen' as const })),
      services: [],
      ingresses: [],
      policies: (first?.world.policies ?? []).map((policy) => ({ policy, source: SOURCE })),
      otherKinds: [],
    };
  });

const anyQuestion = fc.record({
  profile: fc.constantFrom<CniProfile>(...PROFILES),
  protocol: fc.constantFrom<PolicyProtocol>('TCP', 'UDP', 'SCTP'),
  port: fc.oneof(
    fc.constantFrom(52, 53, 54, 80, 81, 82, 8080, 8081, 1, 65_535),
    fc.integer({ min: 1, max: 65_535 }),
  ),
  address: fc.constantFrom(
    '10.0.0.1',
    '10.0.0.128',
    '10.0.2.0',
    '203.0.113.7',
    '203.0.113.8',
    '2001:db8::1',
    '2001:db9::',
  ),
});

const isEnded = ({ phase }: WorldPod): boolean => phase === 'Succeeded';

const podsOf = (model: ClusterModel, index: number): readonly WorldPod[] =>
  model.pods.filter((each) => each.workload === index && !isEnded(each.pod)).map(({ pod }) => pod);

const isWorkload = (end: ConnectivityEnd, { namespace, name }: ClusterWorkload): boolean =>
  end.kind === 'workload' && end.workload.namespace === namespace && end.workload.name === name;

function holdsAddress(end: ConnectivityEnd, address: string): boolean {
  const at = rangeOfAddress(address);
  if (end.kind !== 'external' || at === undefined) return false;
  return end.range.family === at.family && end.range.first <= at.first && at.first <= end.range.last;
}

const has = (ports: PortSet, protocol: PolicyProtocol, port: number): boolean =>
  ports.some((each) => each.protocol === protocol && each.from <= port && port <= each.to);

/** `all`, `some` or `none` of the pairs. */
const share = (verdicts: readonly boolean[]): string =>
  verdicts.includes(true) ? (verdicts.includes(false) ? 'some' : 'all') : 'none';

function listed(row: ConnectivityRow | undefined, protocol: PolicyProtocol, port: number): string {
  if (row === undefined || !has(row.ports, protocol, port)) return 'none';
  return has(row.onlySomePods, protocol, port) ? 'some' : 'all';
}

const podEnd = (pod: WorldPod): Endpoint => ({ kind: 'pod', pod });

const speaks = ({ ips }: WorldPod, address: string): boolean =>
  ips.length === 0 || ips.some((ip) => ip.includes(':') === address.includes(':'));

describe('the connectivity list', () => {
  test('is the same whether the fast engine or the literal evaluator answers', () => {
    let rows = 0;
    fc.assert(
      fc.property(anyModel, fc.constantFrom<CniProfile>(...PROFILES), (model, profile) => {
        const literal = connectivityOf({ model, profile, allowed: literalJudge(worldOf(model), profile) });
        expect(connectivityOf({ model, profile })).toEqual(literal);
        rows += literal.length;
      }),
      { numRuns: 500 },
    );
    expect(rows).toBeGreaterThan(2000);
  });

  test('is the same on every network about which the question of portability finds nothing', () => {
    let differing = 0;
    fc.assert(
      fc.property(anyModel, (model) => {
        const found = new Set(portabilityOf({ model }).map(({ network }) => network));
        const spec = connectivityOf({ model, profile: KUBERNETES_PROFILE });
        for (const profile of PROFILES) {
          if (found.has(profile.name)) differing += 1;
          else expect(connectivityOf({ model, profile })).toEqual(spec);
        }
      }),
      { numRuns: 300 },
    );
    expect(differing).toBeGreaterThan(50);
  });

  test('says of every pair of workloads, at any port, what the judge says of all their pods', () => {
    fc.assert(
      fc.property(anyModel, anyQuestion, (model, { profile, protocol, port }) => {
        const world = worldOf(model);
        const rows = connectivityOf({ model, profile, allowed: literalJudge(world, profile) });
        for (const [fromIndex, from] of model.workloads.entries()) {
          for (const [toIndex, to] of model.workloads.entries()) {
            const verdicts = podsOf(model, fromIndex).flatMap((a) =>
              podsOf(model, toIndex)
                .filter((b) => a !== b)
                .map(
                  (b) => evaluate(world, { from: podEnd(a), to: podEnd(b), protocol, port }, profile).allowed,
                ),
            );
            const row = rows.find((each) => isWorkload(each.from, from) && isWorkload(each.to, to));
            expect(listed(row, protocol, port)).toBe(share(verdicts));
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  test('says of every workload and any address outside what the judge says of its pods', () => {
    fc.assert(
      fc.property(anyModel, anyQuestion, (model, { profile, protocol, port, address }) => {
        const world = worldOf(model);
        const rows = connectivityOf({ model, profile, allowed: literalJudge(world, profile) });
        const outside: Endpoint = { kind: 'address', ip: address };
        const judged = (from: Endpoint, to: Endpoint): boolean =>
          evaluate(world, { from, to, protocol, port }, profile).allowed;
        for (const [index, each] of model.workloads.entries()) {
          const pods = podsOf(model, index).filter((pod) => speaks(pod, address));
          const out = rows.find(({ from, to }) => isWorkload(from, each) && holdsAddress(to, address));
          const into = rows.find(({ from, to }) => isWorkload(to, each) && holdsAddress(from, address));
          expect(listed(out, protocol, port)).toBe(share(pods.map((pod) => judged(podEnd(pod), outside))));
          expect(listed(into, protocol, port)).toBe(share(pods.map((pod) => judged(outside, podEnd(pod)))));
        }
      }),
      { numRuns: 400 },
    );
  });
});
