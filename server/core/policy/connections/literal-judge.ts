import { evaluate } from '../literal/evaluate.ts';
import type { CniProfile, Connection, Endpoint, World } from '../world.ts';

/** May this connection be made? */
export type Allowed = (connection: Connection) => boolean;

const namespaceOf = (end: Endpoint): string => (end.kind === 'pod' ? end.pod.namespace : '');

/** Asks the literal evaluator, with the policies of both ends' namespaces: no other can speak about them. */
export function literalJudge(world: World, profile: CniProfile): Allowed {
  const worlds = new Map<string, World>();
  const worldFor = (from: string, to: string): World => {
    const key = `${from}/${to}`;
    const known = worlds.get(key);
    if (known !== undefined) return known;
    const policies = world.policies.filter((policy) => {
      const namespace = policy.metadata?.namespace ?? 'default';
      return namespace === from || namespace === to;
    });
    const made = { ...world, policies };
    worlds.set(key, made);
    return made;
  };
  return (connection) => {
    const { from, to } = connection;
    return evaluate(worldFor(namespaceOf(from), namespaceOf(to)), connection, profile).allowed;
  };
}
