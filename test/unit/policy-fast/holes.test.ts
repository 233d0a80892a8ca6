import { expect, test } from 'vitest';
import { createEngine } from '#core/policy/fast/fast-engine.ts';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { World } from '#core/policy/world.ts';

const pod = (namespace: string) => ({
  namespace,
  name: 'p',
  labels: [],
  ips: [],
  namedPorts: [],
  hostNetwork: false,
});
const [from, to] = [pod('a'), pod('default')];

test.each([
  { name: 'a hole in a list of policies is no policy', entry: 'undefined', allowed: true },
  {
    name: 'null is a policy that nobody can read, and closes what it may be about',
    entry: 'null',
    allowed: false,
  },
])('$name, for both evaluators and also as an update', ({ entry, allowed }) => {
  const holes: Readonly<Record<string, unknown>> = { undefined: undefined, null: null };
  const policy = holes[entry] as NetworkPolicy;
  const world: World = { namespaces: [], pods: [from, to], policies: [policy] };
  const ends = { from: { kind: 'pod', pod: from }, to: { kind: 'pod', pod: to } } as const;
  const point = { protocol: 'TCP', port: 53 } as const;
  const updated = createEngine({ ...world, policies: [] }, KUBERNETES_PROFILE).withPolicy(policy);
  expect(evaluate(world, { ...ends, ...point }, KUBERNETES_PROFILE).allowed).toBe(allowed);
  expect(createEngine(world, KUBERNETES_PROFILE).allowed(ends.from, ends.to, point)).toBe(allowed);
  expect(updated.allowed(ends.from, ends.to, point)).toBe(allowed);
});
