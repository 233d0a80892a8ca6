import { evaluate } from '../literal/evaluate.ts';
import type { RuleRef, Verdict } from '../literal/verdict.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { CniProfile, Connection, Endpoint, World } from '../world.ts';

/** A rule that lets a connection through, with the policy it stands in. */
export interface AllowingRule {
  readonly policy: NetworkPolicy;
  readonly direction: 'ingress' | 'egress';
  readonly rule: number;
}

/** What the literal evaluator says of one connection. */
export interface Ruling {
  readonly verdict: Verdict;
  /** Rules of both directions; none for a direction that no policy isolates. */
  readonly rules: readonly AllowingRule[];
}

const namespaceOf = (end: Endpoint): string => (end.kind === 'pod' ? end.pod.namespace : '');

/** Asks the literal evaluator, with the policies of both ends' namespaces: no other can speak about them. */
export function verdictBench(world: World, profile: CniProfile): (connection: Connection) => Ruling {
  const byNamespace = new Map<string, NetworkPolicy[]>();
  for (const policy of world.policies) {
    const namespace = policy?.metadata?.namespace ?? 'default';
    const own = byNamespace.get(namespace);
    if (own === undefined) byNamespace.set(namespace, [policy]);
    else own.push(policy);
  }
  return (connection) => {
    const namespaces = new Set([namespaceOf(connection.from), namespaceOf(connection.to)]);
    const policies = [...namespaces].flatMap((each) => byNamespace.get(each) ?? []);
    const verdict = evaluate({ ...world, policies }, connection, profile);
    const named = (refs: readonly RuleRef[], direction: AllowingRule['direction']): readonly AllowingRule[] =>
      refs.flatMap(({ policy: index, rule }) => {
        const policy = policies[index];
        return policy === undefined ? [] : [{ policy, direction, rule }];
      });
    const { egress, ingress } = verdict;
    return { verdict, rules: [...named(egress.allowedBy, 'egress'), ...named(ingress.allowedBy, 'ingress')] };
  };
}
