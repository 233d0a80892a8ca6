import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseNamespaceName, parseObjectName } from '#core/identity/names.ts';
import type { AskedEnd } from '#core/policy/explain/asked-end.ts';
import { rulesOf } from '#core/policy/explain/describe-rule.ts';
import { type Explanation, explain, explainConnection } from '#core/policy/explain/explain.ts';
import { ruleMisses } from '#core/policy/explain/misses.ts';
import { withParts } from '#core/policy/explain/patch.ts';
import type { Resident } from '#core/policy/explain/population.ts';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import { CILIUM_PROFILE, KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { CniProfile, Connection, World, WorldPod } from '#core/policy/world.ts';
import { anyCase, anyPolicy } from './policy-literal-arbitraries.ts';

const RUNS = { numRuns: 1500 };
const anyProfile = fc.constantFrom(KUBERNETES_PROFILE, CILIUM_PROFILE);

describe('an explanation', () => {
  test('says what the literal evaluator says', () => {
    fc.assert(
      fc.property(anyCase, anyProfile, ({ world, connection }, profile) => {
        const explained = explainConnection({ world, connection, profile });
        const verdict = evaluate(world, connection, profile);
        expect(explained.verdict).toEqual(verdict);
        expect(explained.allowed).toBe(verdict.allowed);
        expect(explained.egress.allowedBy).toEqual(verdict.egress.allowedBy);
        expect(explained.ingress.allowedBy).toEqual(verdict.ingress.allowedBy);
      }),
      RUNS,
    );
  });

  test('finds nothing wrong with a rule exactly when that rule allows the connection', () => {
    fc.assert(
      fc.property(anyCase, anyProfile, ({ world, connection }, profile) => {
        const { egress, ingress, family } = evaluate(world, connection, profile);
        for (const { direction, selecting, allowedBy } of [egress, ingress]) {
          const other = direction === 'egress' ? connection.to : connection.from;
          for (const index of selecting) {
            const policy = world.policies[index] as NetworkPolicy;
            const peer = {
              world,
              profile,
              family,
              direction,
              other,
              policyNamespace: policy.metadata.namespace ?? 'default',
            };
            const clean = rulesOf(policy, direction)
              .map((rule) => ruleMisses(rule, { connection, direction, peer }))
              .flatMap((misses, rule) => (misses.peer.length + misses.port.length === 0 ? [rule] : []));
            expect(clean).toEqual(allowedBy.filter((ref) => ref.policy === index).map(({ rule }) => rule));
          }
        }
      }),
      RUNS,
    );
  });

  test('never calls a rule near without saying what did not match', () => {
    fc.assert(
      fc.property(anyCase, anyProfile, ({ world, connection }, profile) => {
        const { egress, ingress } = explainConnection({ world, connection, profile });
        for (const { nearest, decision } of [egress, ingress]) {
          if (nearest === undefined) continue;
          expect(decision).toBe('denied');
          expect(nearest.misses.length).toBeGreaterThan(0);
        }
      }),
      RUNS,
    );
  });
});

const anyLabels = fc
  .dictionary(fc.constantFrom('app', 'tier', 'team'), fc.constantFrom('', 'x', 'y'))
  .map((labels) => Object.entries(labels));

const anyPods: fc.Arbitrary<readonly WorldPod[]> = fc
  .array(
    fc.record({
      namespace: fc.constantFrom('a', 'b'),
      labels: anyLabels,
      hostNetwork: fc.constantFrom(false, false, false, true),
    }),
    {
      minLength: 2,
      maxLength: 6,
    },
  )
  .map((pods) =>
    pods.map((pod, index) => ({
      ...pod,
      name: `p${index}`,
      ips: [`10.0.${index}.1`],
      namedPorts: [{ name: 'http', protocol: 'TCP' as const, port: 80 }],
      node: `node-${index}`,
    })),
  );

function residentOf(pod: WorldPod): Resident {
  const namespace = parseNamespaceName(pod.namespace);
  const name = parseObjectName(pod.name);
  if (namespace === undefined || name === undefined) throw new Error('no name');
  const text = `${namespace}/${name}[Pod]`;
  return { pod, owner: text, namespace, name, kind: 'Pod', text, isForeign: false };
}

interface Scene {
  readonly residents: readonly Resident[];
  readonly policies: readonly NetworkPolicy[];
  readonly profile: CniProfile;
  readonly port: number;
}

const anyScene: fc.Arbitrary<Scene> = fc.record({
  residents: anyPods.map((pods) => pods.map(residentOf)),
  policies: fc.array(anyPolicy, { minLength: 1, maxLength: 4 }),
  profile: anyProfile,
  port: fc.constantFrom(53, 80, 8080),
});

const NAMESPACES = ['a', 'b'].map((name) => ({
  name,
  labels: [['kubernetes.io/metadata.name', name] as const, ['team', name === 'a' ? 'x' : 'y'] as const],
}));

const asked = (resident: Resident): AskedEnd => ({
  kind: 'pods',
  text: resident.text,
  residents: [resident],
  isWorkload: true,
});

function explained({ residents, policies, profile, port }: Scene): {
  told: Explanation;
  from: Resident;
  to: Resident;
} {
  const [from, to] = [residents[0] as Resident, residents[1] as Resident];
  const population = { namespaces: NAMESPACES, residents };
  const told = explain({
    population,
    policies,
    profile,
    protocol: 'TCP',
    port,
    from: asked(from),
    to: asked(to),
  });
  return { told, from, to };
}

/** Pairs of pods that may talk on the port, by the literal evaluator alone. */
function allowedPairs(world: World, { residents, profile, port }: Scene): ReadonlySet<string> {
  const allowed = new Set<string>();
  for (const from of residents) {
    for (const to of residents) {
      if (from === to) continue;
      const connection: Connection = {
        from: { kind: 'pod', pod: from.pod },
        to: { kind: 'pod', pod: to.pod },
        protocol: 'TCP',
        port,
      };
      if (evaluate(world, connection, profile).allowed) allowed.add(`${from.text}>${to.text}`);
    }
  }
  return allowed;
}

describe('a patch', () => {
  test('makes the connection allowed, takes nothing away, and opens nothing that it does not name', () => {
    fc.assert(
      fc.property(anyScene, (scene) => {
        const { told, from, to } = explained(scene);
        if (told.patch?.kind !== 'patch') return;
        const { parts, alsoAllows } = told.patch.patch;
        const before = allowedPairs(told.world, scene);
        const after = allowedPairs(withParts(told.world, parts), scene);
        expect(after).toContain(`${from.text}>${to.text}`);
        expect([...before].filter((pair) => !after.has(pair))).toEqual([]);
        const opened = [...after].filter((pair) => !before.has(pair) && pair !== `${from.text}>${to.text}`);
        const named = alsoAllows
          .filter((each) => each.from !== each.to)
          .map((each) => `${each.from}>${each.to}`);
        expect(named.sort()).toEqual(opened.sort());
      }),
      RUNS,
    );
  });

  test('is there whenever pods with labels are denied by policies, and only then', () => {
    fc.assert(
      fc.property(anyScene, (scene) => {
        const { told, from, to } = explained(scene);
        const isPlain = [from, to].every(({ pod }) => pod.labels.length > 0 && !pod.hostNetwork);
        if (told.answer === 'allowed') expect(told.patch).toBeUndefined();
        else if (isPlain) expect(told.patch?.kind).toBe('patch');
      }),
      RUNS,
    );
  });
});
