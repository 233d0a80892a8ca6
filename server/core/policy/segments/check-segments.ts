import type { Edge } from '#core/graph/edge.ts';
import { failed, ok, type Result } from '#core/result.ts';
import type { ClusterModel } from '../cluster/cluster-model.ts';
import { worldOf } from '../cluster/model-world.ts';
import { populationOfModel } from '../explain/population.ts';
import { createEngine } from '../fast/fast-engine.ts';
import { ReplayCourt } from '../replay/replay-court.ts';
import type { CniProfile } from '../world.ts';
import { Claim } from './claim.ts';
import { aboutNothing, emptySegments } from './empty-segments.ts';
import { chainsOf } from './hops.ts';
import { judgedStep, type PathCourt, partsOf, type Step } from './judged-path.ts';
import { directOffences } from './offences.ts';
import { type SeenVerdict, Sightings, seenVerdict } from './seen.ts';
import type { SegmentFault } from './segment-fault.ts';
import type { Assertion, SegmentsFile } from './segments-file.ts';
import { SpotCourt } from './spot-court.ts';
import { type Ground, groundOf } from './spots.ts';

/** Connections one after the other; one alone for whatever is reached directly. */
export type Path = readonly Step[];

/** What policies say about one assertion. */
export interface PolicyVerdict {
  /** Pairs of ends it is about; everything outside is one end. */
  readonly pairs: number;
  /** Shortest first; the first {@link MOST_PATHS} of each length kind are kept. */
  readonly paths: readonly Path[];
  readonly pathCount: number;
}

export type AssertionVerdict = 'holds' | 'violated by policy' | 'violated by traffic' | 'violated by both';

export interface AssertionAnswer {
  readonly assertion: Assertion;
  readonly verdict: AssertionVerdict;
  readonly policy: PolicyVerdict;
  /** Undefined when there is no recording. */
  readonly traffic: SeenVerdict | undefined;
}

export interface CheckRequest {
  readonly file: SegmentsFile;
  readonly model: ClusterModel;
  readonly profile: CniProfile;
  /** Name of the cluster the model is of, as edges have it. */
  readonly cluster: string;
  /** Undefined: policies alone are asked. */
  readonly edges: readonly Edge[] | undefined;
  /** Called with the assertions done so far. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Everything one check needs, made once. */
interface Session {
  readonly ground: Ground;
  readonly court: SpotCourt;
  readonly paths: PathCourt;
  readonly sightings: Sightings;
}

function sessionOf({ file, model, profile, cluster }: CheckRequest): Session {
  const world = worldOf(model);
  const engine = createEngine(world, profile);
  const ground = groundOf({ model, engine, segments: file.segments });
  const court = new SpotCourt(engine, ground);
  const paths = {
    model,
    ground,
    court: new ReplayCourt(populationOfModel(model), world.policies, profile),
    intervals: court.intervals,
    parts: partsOf(ground),
  };
  return { ground, court, paths, sightings: new Sightings(ground, model, cluster) };
}

function policyVerdict(claim: Claim, { ground, court, paths }: Session): PolicyVerdict {
  const direct = directOffences(claim, court, ground);
  const isThrough = claim.assertion.hops !== 1;
  const chains = isThrough ? chainsOf(claim, court, ground) : { count: 0, kept: [] };
  const expected = { allowed: claim.assertion.verb !== 'may' };
  const judged = [...direct.kept.map((offence) => [offence]), ...chains.kept];
  return {
    pairs: direct.pairs,
    paths: judged.map((chain) => chain.map((offence) => judgedStep(offence, paths, expected))),
    pathCount: direct.count + chains.count,
  };
}

function verdictOf(policy: PolicyVerdict, traffic: SeenVerdict | undefined): AssertionVerdict {
  const isSeen = (traffic?.offenceCount ?? 0) > 0;
  if (policy.pathCount > 0) return isSeen ? 'violated by both' : 'violated by policy';
  return isSeen ? 'violated by traffic' : 'holds';
}

/**
 * Checks assertions against policies and, where there is one, a recording. Fails when a segment matches nobody, or an
 * assertion is about no two ends: it would hold whatever the policies say. The fast engine finds offending pairs, the
 * literal evaluator judges every one that is kept.
 */
export function checkSegments(
  request: CheckRequest,
): Result<readonly AssertionAnswer[], readonly SegmentFault[]> {
  const { file, edges, model } = request;
  const session = sessionOf(request);
  const empty = emptySegments(file, model, session.ground);
  if (empty.length > 0) return failed(empty);
  const claims = file.assertions.map((assertion) => new Claim(assertion, session.ground));
  const pointless = claims.filter((claim) => aboutNothing(claim, file, session.ground));
  if (pointless.length > 0)
    return failed(
      pointless.map(({ assertion }) => ({
        path: assertion.path,
        code: 'about_nothing',
        detail: assertion.id,
      })),
    );
  return ok(
    claims.map((claim, done) => {
      request.onProgress?.(done, claims.length);
      const policy = policyVerdict(claim, session);
      const traffic = edges && seenVerdict(claim, edges, session);
      return { assertion: claim.assertion, verdict: verdictOf(policy, traffic), policy, traffic };
    }),
  );
}
