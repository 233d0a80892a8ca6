import type { Baseline } from '#core/baseline/baseline.ts';
import { certifying, policiesOf } from '../certify/certify.ts';
import { policyText } from '../certify/content-hash.ts';
import type { Progress } from '../certify/judge-cells.ts';
import { type OnProgress, runToEnd } from '../certify/steps.ts';
import type { HashText } from '../hash.ts';
import type { Proposal, ProposalId } from '../proposal.ts';
import type { CniProfile } from '../world.ts';
import { draftPolicies } from './draft.ts';

export interface ProposeOptions {
  readonly toolVersion: string;
  /** What the network plugin of the flows makes of a policy; see `literal/profiles.ts`. */
  readonly profile: CniProfile;
  readonly hash: HashText;
}

/**
 * From what is normal to policies with their proof, step by step: a server takes up other work between two steps.
 * Equal baselines give equal proposals, whatever the order of their edges.
 */
export function* proposing(baseline: Baseline, options: ProposeOptions): Generator<Progress, Proposal> {
  const { toolVersion, profile, hash } = options;
  const draft = draftPolicies(baseline, profile, hash);
  const certificate = yield* certifying({ baseline, draft, profile, toolVersion, hash });
  const { policies, isolation, warnings } = draft;
  const content = [certificate.contentHash, ...policiesOf(draft).map(policyText)].join('\n');
  const id = hash(content) as ProposalId; // the only cast to ProposalId
  return { id, baseline: baseline.id, policies, isolation, warnings, certificate };
}

/** From what is normal to policies with their proof, in one go. */
export const propose = (
  baseline: Baseline,
  options: ProposeOptions & { readonly onProgress?: OnProgress },
): Proposal => runToEnd(proposing(baseline, options), options.onProgress);
