import type { Baseline } from '#core/baseline/baseline.ts';
import type { WorkloadId } from '#core/identity/peer.ts';
import { cellEdgeOf } from '../cell.ts';
import type { BudgetReport } from '../certificate.ts';
import type { BudgetedPlace } from '../certify/budgeted-places.ts';
import { certifiedWorldOf } from '../certify/certified-world.ts';
import { policyText } from '../certify/content-hash.ts';
import { standInsOf } from '../certify/stand-ins.ts';
import type { HashText } from '../hash.ts';
import { type RuleBound, ruleBoundOf } from '../minimality/rule-bound.ts';
import { findingReliance } from '../minimality/rule-reliance.ts';
import { withoutNeedless } from '../minimality/without-needless.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { ProposalWarning, ProposedPolicy } from '../proposal.ts';
import { scopedWorld } from '../scoped-world.ts';
import type { CniProfile } from '../world.ts';
import { peerRowsOf } from './compress/peer-row.ts';
import { honoursEndPort } from './compress/port-ranges.ts';
import { comparingAdmission } from './compress/same-admission.ts';
import { type Collisions, type Side, sideOf } from './compress/side.ts';
import { spendingBudget } from './compress/spend-budget.ts';
import type { Neighbourhood } from './compress/widening.ts';
import type { Contribution } from './contribution.ts';
import type { Inhabitant } from './inhabitants.ts';
import { policyName } from './policy-names.ts';
import { type RuleStyle, rulesOf } from './rules.ts';

/** A workload that gets a policy, and what its edges ask for. */
export interface Governed {
  readonly inhabitant: Inhabitant;
  readonly contributions: readonly Contribution[];
  readonly warnings: readonly ProposalWarning[];
}

/** What policies are written from. */
export interface GovernRequest {
  readonly baseline: Baseline;
  readonly governed: readonly Governed[];
  readonly collisions: Collisions;
  readonly neighbourhood: Neighbourhood;
  readonly profile: CniProfile;
  readonly hash: HashText;
  /** From–to–port triples that may be admitted although nobody saw them, to save rules. */
  readonly maxExtra: number;
}

/** Policies, and what was done to have few rules. */
export interface Governance {
  readonly policies: readonly ProposedPolicy[];
  readonly warnings: readonly ProposalWarning[];
  readonly bounds: readonly RuleBound[];
  /** What the budget of extras was spent on; undefined without one. */
  readonly budget: BudgetReport | undefined;
  readonly budgeted: readonly BudgetedPlace[];
}

const DIRECTIONS = ['ingress', 'egress'] as const;

const sidesOf = ({ governed, collisions }: GovernRequest): readonly Side[] =>
  governed.flatMap(({ inhabitant, contributions }) =>
    DIRECTIONS.map((direction) => {
      const own = contributions.filter((each) => each.direction === direction);
      return sideOf({ subject: inhabitant.id, direction, rows: peerRowsOf(own) }, collisions);
    }),
  );

function specOf(
  { choice }: Inhabitant,
  [ingressSide, egressSide]: readonly [Side | undefined, Side | undefined],
  style: RuleStyle,
): { readonly spec: NetworkPolicy['spec']; readonly reasons: ProposedPolicy['reasons'] } {
  const ingress = rulesOf(ingressSide?.rows ?? [], 'ingress', style);
  const egress = rulesOf(egressSide?.rows ?? [], 'egress', style);
  return {
    spec: {
      podSelector: choice.kind === 'selector' ? choice.selector : {},
      policyTypes: ['Ingress', 'Egress'],
      ...(ingress.rules.length > 0
        ? { ingress: ingress.rules.map(({ peers, ports }) => ({ from: peers, ports })) }
        : {}),
      ...(egress.rules.length > 0
        ? { egress: egress.rules.map(({ peers, ports }) => ({ to: peers, ports })) }
        : {}),
    },
    reasons: [...ingress.reasons, ...egress.reasons],
  };
}

function written(
  { governed, hash, profile }: GovernRequest,
  sides: readonly Side[],
  form: RuleStyle['form'],
): readonly ProposedPolicy[] {
  const style: RuleStyle = { form, hasRanges: honoursEndPort(profile) };
  const byId = new Map<WorkloadId, Side[]>();
  for (const side of sides) byId.set(side.subject, [...(byId.get(side.subject) ?? []), side]);
  return governed.map(({ inhabitant, warnings }) => {
    const { id, rows } = inhabitant;
    const own = byId.get(id) ?? [];
    const { spec, reasons } = specOf(inhabitant, [own[0], own[1]], style);
    const policy: NetworkPolicy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: policyName(id, hash), namespace: rows[0]?.namespace ?? 'default' },
      spec,
    };
    return { workload: id, policy, reasons, warnings };
  });
}

const COMPRESSION_REFUSED: ProposalWarning = {
  code: 'compression-refused',
  message:
    'Shorter rules were not shown to admit the same as the long ones, so the long ones stand. Please report this.',
};

/** The short form, where it is shown to admit what the long one does; else the long one, and a word about it. */
function* compressing(
  request: GovernRequest,
  sides: readonly Side[],
  certified: ReturnType<typeof certifiedWorldOf>,
): Generator<undefined, Pick<Governance, 'policies' | 'warnings'>> {
  const plain = written(request, sides, 'grouped');
  const short = written(request, sides, 'compressed');
  const changed = short.flatMap((each, index) => {
    const before = plain[index];
    const isSame = before === undefined || policyText(before.policy) === policyText(each.policy);
    return isSame ? [] : [{ before: before.policy, after: each.policy }];
  });
  if (changed.length === 0) return { policies: short, warnings: [] };
  const isProven = yield* comparingAdmission({
    certified,
    profile: request.profile,
    before: changed.map(({ before }) => before),
    after: changed.map(({ after }) => after),
  });
  return isProven
    ? { policies: short, warnings: rangeWarning(short) }
    : { policies: plain, warnings: [COMPRESSION_REFUSED] };
}

/** A range is not read by every network of every age, and one that does not read it cuts connections. */
function rangeWarning(policies: readonly ProposedPolicy[]): readonly ProposalWarning[] {
  const hasRange = ({ spec }: NetworkPolicy): boolean =>
    [...(spec.ingress ?? []), ...(spec.egress ?? [])].some(({ ports }) =>
      (ports ?? []).some(({ endPort }) => endPort !== undefined),
    );
  const count = policies.filter(({ policy }) => hasRange(policy)).length;
  if (count === 0) return [];
  const message = `${count} ${count === 1 ? 'policy uses' : 'policies use'} endPort, which Kubernetes reads from 1.25 on and Cilium from 1.16 on; older ones admit the first port of a range alone.`;
  return [{ code: 'port-range', message }];
}

/** Leaves out what other rules of the same policy let through as well. */
function* pruning(
  { baseline, profile, governed }: GovernRequest,
  policies: readonly ProposedPolicy[],
  certified: ReturnType<typeof certifiedWorldOf>,
): Generator<undefined, readonly ProposedPolicy[]> {
  const court = { certified, policies: policies.map(({ policy }) => policy), scope: baseline.scope, profile };
  const edges = new Map(
    governed.flatMap(({ contributions }) => contributions.map(({ edge }) => [edge.key, edge] as const)),
  );
  const seen = [...edges.values()].map(cellEdgeOf);
  return withoutNeedless(policies, yield* findingReliance(court, standInsOf(court), seen));
}

/**
 * Writes one policy for each governed workload: first what a budget of extras buys, then the shortest form that is
 * shown to admit the same, then without rules that others make needless.
 */
export function* governing(request: GovernRequest): Generator<undefined, Governance> {
  const { baseline, profile, maxExtra, neighbourhood } = request;
  const seen = sidesOf(request);
  const spending = maxExtra > 0 ? yield* spendingBudget(seen, maxExtra, neighbourhood) : undefined;
  const sides = spending?.sides ?? seen;
  const certified = certifiedWorldOf(scopedWorld(baseline), profile);
  const { policies, warnings } = yield* compressing(request, sides, certified);
  return {
    policies: yield* pruning(request, policies, certified),
    warnings,
    bounds: seen.map((side, index) => ruleBoundOf(side, (sides[index] ?? side).admitted)),
    budget: spending?.report,
    budgeted: spending?.admits ?? [],
  };
}
