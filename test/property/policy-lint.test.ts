import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFieldText } from '#core/policy/cluster/manifest-problem.ts';
import { worldOf } from '#core/policy/cluster/model-world.ts';
import { LINT_RULES } from '#core/policy/lint/all-rules.ts';
import type { LintResult } from '#core/policy/lint/finding.ts';
import { lint } from '#core/policy/lint/lint.ts';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import { PROFILES } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { CniProfile, Endpoint, World } from '#core/policy/world.ts';
import { clusterFromTexts } from '../../server/adapters/manifests/read-cluster.ts';
import { lintJson, lintText } from '../../server/cli/lint-format.ts';
import { lintGithub, lintSarif } from '../../server/cli/lint-format-ci.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';

const selector = fc.constantFrom(
  {},
  { matchLabels: { app: 'cart' } },
  { matchLabels: { app: 'web', 'pod-template-hash': 'x' } },
  { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['db'] }] },
  { matchExpressions: [{ key: 'team', operator: 'Exists' }] },
);
const block = fc.constantFrom(
  { cidr: '0.0.0.0/0' },
  { cidr: '10.0.0.9/8', except: ['10.1.0.0/16'] },
  { cidr: '2001:db8::1/32' },
  { cidr: '::/0', except: ['fc00::/7'] },
  { cidr: '::ffff:10.0.0.0/104' },
);
const peer = fc.oneof(
  fc.record({ podSelector: selector, namespaceSelector: selector }, { requiredKeys: [] }),
  fc.record({ ipBlock: block }),
);
const port = fc.record(
  {
    protocol: fc.constantFrom('TCP', 'UDP', 'SCTP'),
    port: fc.constantFrom<number | string>(53, 80, 'http', 8080, 65_535),
    endPort: fc.constantFrom(90, 65_535),
  },
  { requiredKeys: [] },
);
const listOf = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 4, size: 'max' });
const spec = fc.record(
  {
    podSelector: selector,
    policyTypes: fc.constantFrom(['Ingress'], ['Egress'], ['Ingress', 'Egress'], []),
    ingress: listOf(fc.record({ from: listOf(peer), ports: listOf(port) }, { requiredKeys: [] })),
    egress: listOf(fc.record({ to: listOf(peer), ports: listOf(port) }, { requiredKeys: [] })),
  },
  { requiredKeys: [] },
);

/** What a stranger may put in the place of any piece. */
const damage = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1e99, '', [], {}, [null], { matchLabels: [] }, ['Ingress', 7]),
  fc.constantFrom(...HOSTILE_STRINGS),
  fc.jsonValue(),
);

/** Puts something else in the place of one piece, by a walk that the numbers choose. */
function damaged(value: unknown, walk: readonly number[], piece: unknown): unknown {
  const [step, ...rest] = walk;
  if (step === undefined || typeof value !== 'object' || value === null) return piece;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return piece;
  const inner = damaged((value as Record<string, unknown>)[key], rest, piece);
  if (Array.isArray(value)) return value.map((each: unknown, at) => (String(at) === key ? inner : each));
  return { ...value, [key]: inner };
}

const hits = listOf(fc.tuple(fc.array(fc.nat(7), { minLength: 1, maxLength: 9, size: 'max' }), damage));

const WORKLOADS = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'a' } } },
  ...['cart', 'web', 'db'].map((name, at) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: at === 2 ? 'data' : 'shop', labels: { app: name } },
    spec: { hostNetwork: at === 1, containers: [{ ports: [{ name: 'http', containerPort: 8080 }] }] },
    status: { podIPs: [{ ip: `10.0.0.${at + 1}` }, { ip: `2001:db8::${at + 1}` }] },
  })),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'cart', namespace: 'shop' },
    spec: { clusterIP: '10.96.0.1', selector: { app: 'cart' }, ports: [{ port: 80, targetPort: 'http' }] },
  },
];

const policyOf = (each: unknown, at: number): unknown => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: `np${at}`, namespace: at % 2 === 0 ? 'shop' : 'data' },
  spec: each,
});

const requestOf = (documents: readonly unknown[], profile: (typeof PROFILES)[number]) => {
  const items = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: documents });
  const { model, problems } = clusterFromTexts([{ file: 'all.json', text: items }]);
  return { model, problems, profile, voices: new Map(), onlySeen: new Set<string>() };
};

/** Specs that say themselves what they are about, so that deleting a rule changes nothing else. */
const explicit = spec.map((each) => ({
  ...each,
  podSelector: each.podSelector ?? {},
  policyTypes: ['Ingress', 'Egress'],
}));

/** A policy without the rule or peer that a path leads to. */
function without(each: NetworkPolicy, field: string): NetworkPolicy {
  const copy: unknown = structuredClone(each);
  const path = parseFieldText(field);
  const at = path.at(-1);
  let list: unknown = copy;
  for (const step of path.slice(0, -1)) list = (list as Record<string, unknown>)[step];
  (list as unknown[]).splice(Number(at), 1);
  return copy as NetworkPolicy;
}

const OUTSIDE = ['192.0.2.1', '10.0.0.77', '10.1.0.1', '2001:db8::77', 'fd00::1', '2001:dead::1'];
const POINTS = [
  ['TCP', 80],
  ['TCP', 8080],
  ['TCP', 60_000],
  ['UDP', 53],
  ['SCTP', 85],
] as const;

/** Every connection of a world, judged. */
function answersOf(world: World, network: CniProfile): string {
  const ends: readonly Endpoint[] = [
    ...world.pods.map((each) => ({ kind: 'pod' as const, pod: each })),
    ...OUTSIDE.map((ip) => ({ kind: 'address' as const, ip })),
  ];
  const pairs = ends.flatMap((from) => ends.map((to) => ({ from, to })));
  return pairs
    .flatMap((pair) =>
      POINTS.map(
        ([protocol, number]) => evaluate(world, { ...pair, protocol, port: number }, network).allowed,
      ),
    )
    .map(Number)
    .join('');
}

const profile = fc.constantFrom(...PROFILES);
const ids = new Set(LINT_RULES.map(({ id }) => id));
const isPlain = (text: string): boolean => /^[\n -~]*$/.test(text);

/** Policies in which pieces were replaced; what is no list of documents any more is one document. */
function wounded(
  specs: readonly unknown[],
  wounds: readonly (readonly [readonly number[], unknown])[],
): readonly unknown[] {
  let policies: unknown = specs.map(policyOf);
  for (const [walk, piece] of wounds) policies = damaged(policies, walk, piece);
  return Array.isArray(policies) ? (policies as unknown[]) : [policies];
}

/** Every format can show it, and nothing in it reaches a terminal or a runner as more than text. */
function expectHarmless(result: LintResult): void {
  const shown = {
    result,
    minSeverity: 'info' as const,
    profile: 'kubernetes',
    policies: 1,
    workloads: 1,
    version: '0',
  };
  expect(isPlain(lintJson(shown))).toBe(true);
  expect(isPlain(lintSarif(shown, ''))).toBe(true);
  expect(lintText(shown)).not.toContain('\u001b');
  const commands = lintGithub(shown, '').split('\n').slice(0, -1);
  expect(commands).toHaveLength(result.findings.length);
  for (const line of commands) expect(line).toMatch(/^::(?:error|warning|notice) /);
}

describe('lint', () => {
  test('never fails, whatever stands in the place of any piece of a policy', () => {
    fc.assert(
      fc.property(listOf(spec), hits, profile, fc.boolean(), (specs, wounds, network, isInhabited) => {
        const documents = [...wounded(specs, wounds), ...(isInhabited ? WORKLOADS : [])];
        const result = lint(requestOf(documents, network));
        expect(result.findings.filter(({ rule }) => !ids.has(rule))).toEqual([]);
        expect(result.findings.filter(({ what, fix }) => what === '' || fix === '')).toEqual([]);
        expectHarmless(result);
      }),
      { numRuns: 1000 },
    );
  });

  test('says the same whatever the order of the policies', () => {
    fc.assert(
      fc.property(listOf(spec), profile, (specs, network) => {
        const policies = specs.map(policyOf);
        const said = (documents: readonly unknown[]) =>
          lint(requestOf(documents, network))
            .findings.map(({ rule, about, field, what }) => `${rule} ${about} ${field} ${what}`)
            .sort();
        expect(said([...WORKLOADS, ...policies])).toEqual(said([...policies.reverse(), ...WORKLOADS]));
      }),
      { numRuns: 100 },
    );
  });

  test('what it calls redundant may be deleted, says the literal evaluator', () => {
    let judged = 0;
    fc.assert(
      fc.property(
        fc.array(explicit, { minLength: 1, maxLength: 3, size: 'max' }),
        profile,
        (specs, network) => {
          const policies = specs.map(policyOf);
          const request = requestOf([...WORKLOADS, ...policies], network);
          const world = worldOf(request.model);
          for (const { rule, about, field } of lint(request).findings) {
            if (rule !== 'rule-redundant' && rule !== 'peer-redundant') continue;
            judged += 1;
            const left = world.policies.map((each) =>
              `${each.metadata.namespace}/${each.metadata.name}` === about ? without(each, field) : each,
            );
            expect(answersOf({ ...world, policies: left }, network)).toEqual(answersOf(world, network));
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(judged).toBeGreaterThan(50);
  });
});
