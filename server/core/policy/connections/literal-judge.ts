import { LocalWorlds } from '../certify/local-worlds.ts';
import { evaluate } from '../literal/evaluate.ts';
import type { Verdict } from '../literal/verdict.ts';
import type { CniProfile, Connection, World } from '../world.ts';

/** May this connection be made? */
export type Allowed = (connection: Connection) => boolean;

/** What the literal evaluator says of one connection, and the policies its indexes mean. */
export interface HeardVerdict {
  readonly verdict: Verdict;
  readonly world: World;
  readonly profile: CniProfile;
}

/** Asks the literal evaluator, with the policies of both ends' namespaces: no other can speak about them. */
export function literalVerdicts(world: World): (connection: Connection, profile: CniProfile) => HeardVerdict {
  const worlds = new LocalWorlds(world);
  return (connection, profile) => {
    const local = worlds.for(connection.from, connection.to);
    return { verdict: evaluate(local, connection, profile), world: local, profile };
  };
}

/** The same, when only the answer counts. */
export function literalJudge(world: World, profile: CniProfile): Allowed {
  const verdicts = literalVerdicts(world);
  return (connection) => verdicts(connection, profile).verdict.allowed;
}
