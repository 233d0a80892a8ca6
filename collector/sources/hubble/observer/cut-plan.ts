import { Random } from '#core/simulation/random.ts';
import type { FaultPlan } from './fault-plan.ts';
import { CUTS, type Cut } from './grpc-answer.ts';

/** When and how one stream is broken off. */
export interface StreamCut {
  readonly how: Cut;
  /** Messages after which it happens; infinite where time decides. */
  readonly afterMessages: number;
  /** Time after which it happens; infinite where messages decide. */
  readonly afterMs: number;
}

const STREAM = 107;

/** The cuts of a server's streams, one after the other: each half to one and a half times what was asked for. */
export function cutsOf(plan: FaultPlan, seed: number): () => StreamCut | undefined {
  const random = new Random(seed, STREAM);
  const { cut } = plan;
  return () => {
    if (cut === undefined) return undefined;
    const factor = 0.5 + random.unit();
    const how = random.pick(CUTS);
    return 'afterMs' in cut
      ? { how, afterMessages: Number.POSITIVE_INFINITY, afterMs: cut.afterMs * factor }
      : {
          how,
          afterMessages: Math.max(1, Math.round(cut.afterMessages * factor)),
          afterMs: Number.POSITIVE_INFINITY,
        };
  };
}
