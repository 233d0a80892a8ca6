import type { Baseline } from '#core/baseline/baseline.ts';
import { describePeer } from '#core/identity/peer.ts';
import { compareText, sortedText } from '#core/order.ts';
import { policyId, policyText } from '../certify/content-hash.ts';
import type { Progress } from '../certify/judge-cells.ts';
import type { PlacedPolicy } from '../cluster/cluster-model.ts';
import { type Population, populationOfSeen } from '../explain/population.ts';
import type { HashText } from '../hash.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { Proposal } from '../proposal.ts';
import { replay } from '../replay/replay.ts';
import { ReplayCourt } from '../replay/replay-court.ts';
import { scopedWorld } from '../scoped-world.ts';
import type { CniProfile } from '../world.ts';
import { type ExcessCell, excessOf } from './excess.ts';
import type { ExistingReview, MixProof, PolicyReview } from './existing-review.ts';
import { type Mix, mixOf } from './mix.ts';
import { certificateWith, judgingInstead } from './mix-certificate.ts';
import { conversationsOf, isolatingOf, type ObservedEdge, observedOf, PolicyBench } from './observed.ts';
import { reviewPolicy } from './review-policy.ts';
import { RuleUses } from './rule-use.ts';
import { type GovernedPods, subjectsOf } from './subjects.ts';
import { ungovernedOf } from './ungoverned.ts';

export interface ReviewRequest {
  readonly baseline: Baseline;
  readonly proposal: Proposal;
  readonly existing: readonly PlacedPolicy[];
  readonly profile: CniProfile;
  readonly hash: HashText;
}

/** Everything that later steps rest on. */
interface Inquiry {
  readonly request: ReviewRequest;
  readonly population: Population;
  readonly observed: readonly ObservedEdge[];
  readonly subjects: readonly GovernedPods[];
  readonly existing: PolicyBench;
  readonly proposal: PolicyBench;
  readonly uses: RuleUses;
  readonly excess: readonly ExcessCell[];
}

const freshOf = ({
  policies,
  isolation,
}: Pick<Proposal, 'policies' | 'isolation'>): readonly NetworkPolicy[] =>
  [...policies, ...isolation].map(({ policy }) => policy);

function inquire(request: ReviewRequest): Inquiry {
  const { baseline, profile } = request;
  const { scope } = baseline;
  const own = request.existing.map(({ policy }) => policy);
  const fresh = freshOf(request.proposal);
  const both = [...own, ...fresh];
  const population = populationOfSeen(scopedWorld(baseline), scope.cluster, profile);
  const { namespaces } = population;
  const court = new ReplayCourt(population, both, profile);
  const observed = observedOf(baseline, court, both);
  const subjects = subjectsOf(population, { policies: both, scope, profile });
  const existing = new PolicyBench(own, namespaces, profile);
  const proposal = new PolicyBench(fresh, namespaces, profile);
  const excess = excessOf({ wide: existing, tight: proposal, population, subjects, profile });
  const uses = new RuleUses(observed, { existing, proposal }, court);
  return { request, population, observed, subjects, existing, proposal, uses, excess };
}

/** Existing policies that no seen workload of the scope is governed by, although others are seen. */
function splitByScope({ request, subjects, existing }: Inquiry) {
  const { namespaces, workloads } = request.baseline.scope;
  const about = new Set(
    subjects
      .filter(({ isInScope }) => isInScope)
      .flatMap(({ resident: { pod } }) =>
        (['ingress', 'egress'] as const).flatMap((direction) => isolatingOf(existing, pod, direction)),
      ),
  );
  const isAbout = ({ policy }: PlacedPolicy): boolean => {
    if (about.has(policy)) return true;
    const namespace = policy.metadata.namespace ?? 'default';
    return (
      workloads.length === 0 && (namespaces.length === 0 || namespaces.some((each) => each === namespace))
    );
  };
  const sorted = request.existing.toSorted((a, b) => compareText(policyId(a.policy), policyId(b.policy)));
  return { own: sorted.filter(isAbout), others: sorted.filter((each) => !isAbout(each)) };
}

function mixFrom(inquiry: Inquiry, reviews: readonly PolicyReview[]): Mix {
  const { request, observed, subjects, excess, population } = inquiry;
  const unsure = reviews.filter(({ rules }) => rules.some(({ use }) => use.perhapsNeeded));
  return mixOf({
    existing: request.existing.map(({ policy }) => policy),
    proposed: request.proposal.policies,
    isolation: request.proposal.isolation,
    observed,
    excess,
    subjects,
    unsure: new Set(unsure.map(({ placed }) => placed.policy)),
    namespaces: population.namespaces,
    profile: request.profile,
  });
}

/** What becomes of each policy is known only when all of them were weighed. */
function withFate(review: PolicyReview, mix: Mix): PolicyReview {
  const { policy } = review.placed;
  const kept = mix.kept.find((each) => each.policy === policy);
  if (!mix.removed.includes(policy)) {
    const { reason, because } = kept ?? {};
    return { ...review, keptBecause: reason && because && { reason, because } };
  }
  const fresh = freshOf({ policies: mix.added, isolation: mix.addedIsolation });
  const isReplaced = fresh.some((each) => policyId(each) === policyId(policy));
  return { ...review, fate: isReplaced ? 'replaced' : 'removed' };
}

/** Puts every observed conversation to the literal evaluator, under the policies as they would be. */
function promisesOf(inquiry: Inquiry, mix: Mix): Pick<MixProof, 'conversations' | 'edges' | 'lost'> {
  const { observed, existing, proposal, population, request } = inquiry;
  const bench = (policies: readonly NetworkPolicy[]): PolicyBench =>
    new PolicyBench(policies, population.namespaces, request.profile);
  const [everything, after] = [bench([...existing.policies, ...proposal.policies]), bench(mix.policies)];
  const promised = observed.filter(
    ({ connections, isRejected }) =>
      !isRejected && connections.length > 0 && connections.every((each) => everything.admits(each)),
  );
  const lost = promised.filter(({ connections }) => connections.some((each) => !after.admits(each)));
  return {
    conversations: conversationsOf(promised),
    edges: promised.length,
    lost: lost.map(({ line }) => line),
  };
}

const widerOf = (excess: readonly ExcessCell[]): readonly string[] =>
  sortedText(new Set(excess.map(({ subject }) => subject.resident.text)));

/** What is wider than the proposal once everything is as it would be. */
function excessAfter({ request, population, subjects, proposal }: Inquiry, mix: Mix): readonly ExcessCell[] {
  const { profile } = request;
  const wide = new PolicyBench(mix.policies, population.namespaces, profile);
  return excessOf({ wide, tight: proposal, population, subjects, profile });
}

function* certifyingMix({ request }: Inquiry, mix: Mix) {
  const { proposal, hash } = request;
  const { certificate } = proposal;
  const own = request.existing.map(({ policy }) => policy);
  const before = yield* judgingInstead(certificate, own, hash);
  const existing = certificateWith(certificate, { policies: own, judgement: before, hash }).totals;
  const judgement = yield* judgingInstead(certificate, mix.policies, hash);
  const made = certificateWith(certificate, { policies: mix.policies, judgement, hash });
  const texts = [made.contentHash, ...mix.policies.map(policyText)];
  const written: Proposal = {
    id: hash(texts.join('\n')) as Proposal['id'],
    baseline: proposal.baseline,
    policies: mix.added,
    isolation: mix.addedIsolation,
    warnings: proposal.warnings,
    certificate: made,
  };
  return { existing, written };
}

/**
 * Reviews the policies of a cluster by what was seen and by what would be proposed, and works out the smallest change
 * that makes them as tight as the proposal: which to remove, which to add. What it says of a rule was judged by the
 * literal evaluator. Yields how far the certificate has come.
 */
export function* reviewingExisting(request: ReviewRequest): Generator<Progress | undefined, ExistingReview> {
  const inquiry = inquire(request);
  const { proposal, baseline, profile } = request;
  const { own, others } = splitByScope(inquiry);
  const reviews = own.map((placed) => reviewPolicy(placed, inquiry));
  const mix = mixFrom(inquiry, reviews);
  const { existing, written } = yield* certifyingMix(inquiry, mix);
  const replayed = replay({
    edges: inquiry.observed.map(({ edge }) => edge),
    population: inquiry.population,
    policies: inquiry.existing.policies,
    profile,
  });
  const added = new Set(mix.added.map(({ workload }) => workload));
  const asTight = proposal.policies
    .filter(({ workload }) => !added.has(workload))
    .map(({ workload }) => workload);
  return {
    window: baseline.window,
    trainedUntil: baseline.window.until,
    policies: reviews.map((review) => withFate(review, mix)),
    outOfScope: others,
    blocked: replayed.blocked,
    unjudged: replayed.unjudged,
    ungoverned: ungovernedOf(inquiry.observed, { bench: inquiry.existing, scope: baseline.scope }),
    asTight: sortedText(asTight.map((id) => describePeer({ kind: 'workload', id }))),
    tooWide: widerOf(inquiry.excess),
    stillWide: widerOf(excessAfter(inquiry, mix)),
    proof: {
      ...promisesOf(inquiry, mix),
      existing,
      proposal: proposal.certificate.totals,
      mix: written.certificate.totals,
      policies: mix.policies.length,
    },
    proposal: written,
    stay: inquiry.existing.policies.filter((policy) => !mix.removed.includes(policy)),
  };
}
