import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NamespaceName, ObjectName } from '#core/identity/names.ts';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import { PROFILES } from '#core/policy/literal/profiles.ts';
import { checkSegments } from '#core/policy/segments/check-segments.ts';
import { decodeSegments } from '#core/policy/segments/decode-segments.ts';
import type { CniProfile, Endpoint, PolicyProtocol, World, WorldPod } from '#core/policy/world.ts';
import { anyCase } from './policy-literal-arbitraries.ts';

const SOURCE = { file: 'a.yaml', document: 1, line: 1, item: '' };

interface Port {
  readonly protocol: PolicyProtocol;
  readonly port: number;
}

/** One port of each interval that the arbitraries' policies can cut. */
const PORTS: readonly Port[] = [1, 53, 54, 80, 81, 82, 8080, 8081].flatMap((port) =>
  (['TCP', 'UDP', 'SCTP'] as const).map((protocol) => ({ protocol, port })),
);

const INTERNET = ['8.8.8.8', '203.0.113.7', '203.0.113.9', '2001:db8::1', '2001:db8::2', '2600::1'];
const PRIVATE = ['10.0.0.1', '10.0.0.130', '10.0.1.1', '10.9.9.9', '192.168.0.1', 'fd00::1', '::1'];
const AROUND = ['remote-node', 'kube-apiserver', 'ingress', 'unmanaged', 'init'] as const;

const SEGMENTS = {
  a: { namespaces: ['a'], empty: 'allowed' },
  b: { namespaces: ['b'], empty: 'allowed' },
  x: { pods: { app: ['x', 'y'] }, empty: 'allowed' },
  team: { namespaceLabels: { team: 'x' }, empty: 'allowed' },
  both: { namespaces: ['a'], pods: { tier: 'x' }, empty: 'allowed' },
  office: { cidrs: ['10.0.0.0/8', '203.0.113.0/24'], exceptCidrs: ['10.0.1.0/24'] },
  mixed: { any: ['x', 'internet'], empty: 'allowed' },
} as const;

const NAMES = [...Object.keys(SEGMENTS), 'everyone', 'world', 'internet', 'kube-apiserver'];

/** One end as the plain reading of the file has it. */
interface Unit {
  readonly end: Endpoint;
  readonly names: ReadonlySet<string>;
}

const labelOf = (labels: WorldPod['labels'], key: string): string | undefined =>
  labels.find(([own]) => own === key)?.[1];

function podUnit(pod: WorldPod, { namespaces }: World): Unit {
  const names = new Set(['everyone', pod.namespace]);
  const space = namespaces.find(({ name }) => name === pod.namespace);
  if (['x', 'y'].includes(labelOf(pod.labels, 'app') ?? '')) names.add('x').add('mixed');
  if (space !== undefined && labelOf(space.labels, 'team') === 'x') names.add('team');
  if (pod.namespace === 'a' && labelOf(pod.labels, 'tier') === 'x') names.add('both');
  // What policies say is asked, and not what a node may do whatever they say.
  return { end: { kind: 'pod', pod: pod.hostNetwork ? { ...pod, node: undefined } : pod }, names };
}

function unitsOf(world: World): readonly Unit[] {
  const alive = world.pods.filter(({ phase }) => phase !== 'Succeeded');
  const addresses = [...INTERNET, ...PRIVATE].map((ip): Unit => {
    const names = new Set(['everyone', 'world']);
    if (INTERNET.includes(ip)) names.add('internet').add('mixed');
    const isOffice = (ip.startsWith('10.') && ip !== '10.0.1.1') || ip.startsWith('203.0.113.');
    if (isOffice) names.add('office');
    return { end: { kind: 'address', ip }, names };
  });
  const entities = AROUND.map(
    (entity): Unit => ({ end: { kind: 'entity', entity }, names: new Set(['everyone', entity]) }),
  );
  return [...alive.map((pod) => podUnit(pod, world)), ...addresses, ...entities];
}

interface Plain {
  readonly verb: 'only' | 'never' | 'may';
  readonly from: readonly string[];
  readonly reaches: readonly string[];
  readonly ports: readonly string[] | undefined;
  readonly through: boolean;
  readonly hops: number;
  readonly except: { readonly from?: string; readonly reaches?: string; readonly ports?: readonly string[] };
}

const isOneOf = ({ names }: Unit, wanted: readonly string[]): boolean =>
  wanted.some((name) => names.has(name));

const isListed = ({ protocol, port }: Port, ports: readonly string[] | undefined): boolean =>
  ports === undefined || ports.some((text) => text === protocol || text === `${protocol}/${port}`);

const isExcepted = ({ except }: Plain, [from, to]: readonly [Unit, Unit], at: Port): boolean =>
  Object.keys(except).length > 0 &&
  (except.from === undefined || from.names.has(except.from)) &&
  (except.reaches === undefined || to.names.has(except.reaches)) &&
  isListed(at, except.ports);

/** Every pair on every port, one after the other, by the literal evaluator. */
function isViolated(world: World, profile: CniProfile, plain: Plain): boolean {
  const units = unitsOf(world);
  const isTarget = (unit: Unit): boolean => isOneOf(unit, plain.reaches);
  const isSender = (unit: Unit): boolean =>
    plain.verb === 'only'
      ? unit.names.has('everyone') && !isOneOf(unit, plain.from) && !isTarget(unit)
      : isOneOf(unit, plain.from);
  const isPair = (from: Unit, to: Unit): boolean =>
    from !== to && (from.end.kind === 'pod' || to.end.kind === 'pod');
  const isAllowed = (from: Unit, to: Unit, at: Port): boolean =>
    evaluate(world, { from: from.end, to: to.end, ...at }, profile).allowed;
  const offends = (from: Unit, to: Unit): boolean =>
    isPair(from, to) &&
    PORTS.some(
      (at) =>
        isListed(at, plain.ports) &&
        !isExcepted(plain, [from, to], at) &&
        isAllowed(from, to, at) === (plain.verb !== 'may'),
    );
  const targets = units.filter(isTarget);
  const senders = units.filter(isSender);
  if (senders.some((from) => targets.some((to) => offends(from, to)))) return true;
  if (!plain.through) return false;
  const between = units.filter((unit) => unit.end.kind === 'pod' && !isTarget(unit) && !isSender(unit));
  const goes = (from: Unit, to: Unit): boolean =>
    isPair(from, to) && PORTS.some((at) => !isExcepted(plain, [from, to], at) && isAllowed(from, to, at));
  // Forwards from the senders: the other way round than the search under test.
  let met = new Set<Unit>(senders.filter((unit) => !isTarget(unit)));
  for (let hops = 2; hops <= plain.hops; hops += 1) {
    const next = between.filter((unit) => [...met].some((from) => goes(from, unit)));
    if (next.some((from) => targets.some((to) => offends(from, to)))) return true;
    met = new Set([...met, ...next]);
  }
  return false;
}

const someNames = fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 2 });
const somePorts = fc.option(
  fc.uniqueArray(fc.constantFrom('TCP', 'UDP/53', 'TCP/80', 'TCP/8080', 'SCTP/81'), {
    minLength: 1,
    maxLength: 2,
  }),
  { nil: undefined },
);

const anyPlain: fc.Arbitrary<Plain> = fc
  .record({
    verb: fc.constantFrom('only', 'never', 'may'),
    from: someNames,
    reaches: someNames,
    ports: somePorts,
    through: fc.boolean(),
    hops: fc.constantFrom(2, 3, 9),
    except: fc.oneof(
      fc.constant({}),
      fc
        .record(
          { from: fc.constantFrom(...NAMES), reaches: fc.constantFrom(...NAMES), ports: somePorts },
          { requiredKeys: [] },
        )
        .map(({ ports, ...ends }) => (ports === undefined ? ends : { ...ends, ports })),
    ),
  })
  .map((plain) => ({
    ...plain,
    through: plain.through && plain.verb === 'never',
    ports: plain.verb === 'may' ? (plain.ports ?? ['TCP/80']) : plain.ports,
  }));

const written = ({ verb, from, reaches, ports, through, hops, except }: Plain): unknown => ({
  bulkhead: 'segments/v1',
  segments: SEGMENTS,
  assertions: [
    {
      id: 'it',
      [verb]: from,
      reaches,
      ...(ports === undefined ? {} : { ports }),
      ...(through ? { through, hops } : {}),
      ...(Object.keys(except).length === 0 ? {} : { except: [{ ...except, why: 'because' }] }),
      why: 'because',
    },
  ],
});

/** Every pod its own name; two workloads a namespace. */
function modelOf({ namespaces, pods, policies }: World): ClusterModel {
  const workloads = ['a', 'b'].flatMap((namespace) =>
    ['even', 'odd'].map((name) => ({
      namespace: namespace as NamespaceName,
      kind: 'Deployment',
      name: name as ObjectName,
      replicas: undefined,
      ports: [],
      source: undefined,
    })),
  );
  return {
    namespaces: namespaces.map(({ name, labels }) => ({
      name: name as NamespaceName,
      labels,
      source: undefined,
    })),
    workloads,
    pods: pods.map((pod) => ({
      pod,
      workload: (pod.namespace === 'a' ? 0 : 2) + (pod.labels.length % 2),
      origin: 'seen',
    })),
    services: [],
    ingresses: [],
    policies: policies.map((policy) => ({ policy, source: SOURCE })),
    otherKinds: [],
  };
}

/** Pods of several random worlds under the policies of the first, none with another's name. */
const anyWorld: fc.Arbitrary<World> = fc
  .array(anyCase, { minLength: 1, maxLength: 4, size: 'max' })
  .map((cases) => {
    const pods = cases.flatMap(({ world }) => world.pods);
    const first = cases[0]?.world ?? { namespaces: [], pods: [], policies: [] };
    const spaces = new Map(first.namespaces.map((each) => [each.name, each]));
    return {
      namespaces: [...spaces.values()],
      pods: pods.slice(0, 7).map((pod, index) => ({ ...pod, name: `${pod.name}-${index}` })),
      policies: first.policies,
    };
  });

/** The answer under test. */
function checkedOf(world: World, plain: Plain, profile: CniProfile) {
  const file = decodeSegments(written(plain));
  if (!file.ok) throw new Error(JSON.stringify(file.error));
  const model = modelOf(world);
  return checkSegments({ file: file.value, model, profile, cluster: 'default', edges: undefined });
}

test('an assertion holds exactly when no pair on no port, judged one by one, speaks against it', () => {
  const verdicts = { holds: 0, violated: 0, byChain: 0 };
  fc.assert(
    fc.property(anyWorld, anyPlain, fc.constantFrom<CniProfile>(...PROFILES), (world, plain, profile) => {
      const checked = checkedOf(world, plain, profile);
      fc.pre(checked.ok); // an assertion about nobody is refused, and has no verdict
      const [answer] = checked.ok ? checked.value : [];
      const isBroken = isViolated(world, profile, plain);
      verdicts[isBroken ? 'violated' : 'holds'] += 1;
      expect(answer?.verdict).toBe(isBroken ? 'violated by policy' : 'holds');
      const paths = answer?.policy.paths ?? [];
      if (paths.length > 0 && paths.every((path) => path.length > 1)) verdicts.byChain += 1;
      expect(answer?.policy.pathCount ?? 0).toBe(paths.length);
    }),
    { numRuns: 2000 },
  );
  expect(Math.min(verdicts.holds, verdicts.violated)).toBeGreaterThan(200);
  expect(verdicts.byChain).toBeGreaterThan(3);
});
