import { createEngine, type FastEngine } from '#core/policy/fast/fast-engine.ts';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy, PolicyType } from '#core/policy/network-policy.ts';
import type { World } from '#core/policy/world.ts';
import type { Claim } from '../policy-suites/recorded-suites.ts';

/** One line for each claim that the fast engine or the literal evaluator does not share. */
export function disagreements(engine: FastEngine, claims: readonly Claim[]): readonly string[] {
  return claims.flatMap(({ world, connection, part, isAllowed }) => {
    const { from, to, protocol, port } = connection;
    const verdict = evaluate(world, connection, KUBERNETES_PROFILE);
    const literal = part === 'combined' ? verdict.allowed : verdict[part].allowed;
    const fast = engine.allowed(from, to, { protocol, port });
    if (fast === isAllowed && literal === isAllowed) return [];
    const ends = [from, to].map((end) => (end.kind === 'pod' ? end.pod.name : end.kind)).join(' -> ');
    return [`${protocol}/${port} ${part} ${ends}: ${isAllowed} is right, fast ${fast}, literal ${literal}`];
  });
}

/** The engine for one part of a verdict: only what the policies say about that direction. */
export const engineFor = (world: World, part: Claim['part']): FastEngine =>
  createEngine(
    part === 'combined' ? world : { ...world, policies: onlyAbout(world.policies, part) },
    KUBERNETES_PROFILE,
  );

function onlyAbout(policies: readonly NetworkPolicy[], part: 'ingress' | 'egress'): readonly NetworkPolicy[] {
  const type: PolicyType = part === 'ingress' ? 'Ingress' : 'Egress';
  return policies
    .filter(({ spec }) => typesOf(spec).includes(type))
    .map((policy) => ({ ...policy, spec: { ...policy.spec, policyTypes: [type] } }));
}

function typesOf({ policyTypes, egress }: NetworkPolicy['spec']): readonly PolicyType[] {
  if (policyTypes && policyTypes.length > 0) return policyTypes;
  return egress && egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

/** The engine after the updates that lead from its world to another one. */
export function broughtTo(engine: FastEngine, world: World): FastEngine {
  const before = engine.world();
  const spaces = world.namespaces.reduce((changed, each) => changed.withNamespace(each), engine);
  const cleared = before.policies
    .filter((policy) => !world.policies.includes(policy))
    .reduce(
      (changed, { metadata }) => changed.withoutPolicy(metadata.namespace ?? 'default', metadata.name),
      spaces,
    );
  const emptied = before.pods.reduce(
    (changed, { namespace, name }) => changed.withoutPod(namespace, name),
    cleared,
  );
  const settled = world.pods.reduce((changed, pod) => changed.withPod(pod), emptied);
  return world.policies.reduce((changed, policy) => changed.withPolicy(policy), settled);
}
