import type { Baseline } from '#core/baseline/baseline.ts';
import { sortedBy } from '#core/order.ts';
import { certifying, policiesOf } from '../certify/certify.ts';
import { policyText } from '../certify/content-hash.ts';
import type { Progress } from '../certify/judge-cells.ts';
import { type OnProgress, runToEnd } from '../certify/steps.ts';
import { HOLD_OUT_SHARE, judgingHoldOut } from '../holdout/judge-hold-out.ts';
import type { Proposal, ProposalId } from '../proposal.ts';
import { addOnsOf } from '../system/add-ons-of.ts';
import { externalEvidenceOf } from '../system/external-evidence.ts';
import { type Draft, type DraftOptions, drafting } from './draft.ts';
import { withConfidence } from './graded.ts';

export interface ProposeOptions extends DraftOptions {
  readonly toolVersion: string;
  /** Share of the window that is held out to test what the rest teaches, below 1; 0 turns it off. A fifth by default. */
  readonly holdOut?: number | undefined;
}

const UNTESTED = { holdOut: undefined, fates: new Map() } as const;

/** The same policies are written of the first part of the window, by the same options. */
function* holdingOut(baseline: Baseline, { refusals }: Draft, options: ProposeOptions) {
  const { holdOut, profile } = options;
  const share = holdOut ?? HOLD_OUT_SHARE;
  if (share === 0) return UNTESTED;
  const draft = (part: Baseline): Generator<undefined, Draft> => drafting(part, options);
  return yield* judgingHoldOut({ baseline, refusals, share, profile, draft });
}

/** What the accepted edges say of system traffic and of the outside. */
function systemTraffic({ edges, window }: Baseline, draft: Draft): Pick<Proposal, 'addOns' | 'external'> {
  const accepted = sortedBy(edges.values(), ({ edge }) => edge.key)
    .filter(({ edge }) => draft.accepted.has(edge.key))
    .map(({ edge }) => edge);
  const addOns = addOnsOf(accepted, (key) => !draft.refusals.has(key));
  return { addOns, external: externalEvidenceOf(accepted, window) };
}

/**
 * From what is normal to policies with their proof, step by step: a server takes up other work between two steps.
 * Equal baselines give equal proposals, whatever the order of their edges.
 */
export function* proposing(
  baseline: Baseline,
  options: ProposeOptions,
): Generator<Progress | undefined, Proposal> {
  const { toolVersion, profile, hash } = options;
  const draft = yield* drafting(baseline, options);
  const certificate = yield* certifying({ baseline, draft, profile, toolVersion, hash });
  const { holdOut, fates } = yield* holdingOut(baseline, draft, options);
  const policies = withConfidence(draft.policies, baseline, fates);
  const { isolation, warnings } = draft;
  const content = [certificate.contentHash, ...policiesOf(draft).map(policyText)].join('\n');
  const id = hash(content) as ProposalId; // the only cast to ProposalId
  const system = systemTraffic(baseline, draft);
  const proposal = { id, baseline: baseline.id, policies, isolation, warnings, certificate, ...system };
  return holdOut === undefined ? proposal : { ...proposal, holdOut };
}

/** From what is normal to policies with their proof, in one go. */
export const propose = (
  baseline: Baseline,
  options: ProposeOptions & { readonly onProgress?: OnProgress },
): Proposal => runToEnd(proposing(baseline, options), options.onProgress);
