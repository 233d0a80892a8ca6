import type { Baseline, BaselineEdge } from '#core/baseline/baseline.ts';
import { isInScope } from '#core/baseline/training-window.ts';
import type { EdgeKey } from '#core/graph/edge.ts';
import type { WorkloadId } from '#core/identity/peer.ts';
import { sortedBy } from '#core/order.ts';
import type { Cell } from '../cell.ts';
import type { HashText } from '../hash.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { NamespaceIsolation, ProposalWarning, ProposedPolicy } from '../proposal.ts';
import { scopedWorld } from '../scoped-world.ts';
import type { CniProfile } from '../world.ts';
import { type Contribution, express } from './contribution.ts';
import { type Refusal, refusalOf } from './evidence.ts';
import { type Inhabitant, inhabitantsOf } from './inhabitants.ts';
import { type Evidence, isolationOf } from './isolation.ts';
import { policyName } from './policy-names.ts';
import { rulesOf } from './rules.ts';
import { heldWarning, isolatedWarning, ruleWarnings, selectorWarnings } from './warnings.ts';

/** Policies with reasons, before anybody judged them. */
export interface Draft {
  readonly policies: readonly ProposedPolicy[];
  readonly isolation: readonly NamespaceIsolation[];
  readonly warnings: readonly ProposalWarning[];
  /** Edges that may carry a rule: what counts as seen. */
  readonly accepted: ReadonlySet<EdgeKey>;
  /** Why edges were not expressed; also for accepted ones. */
  readonly refusals: ReadonlyMap<EdgeKey, Refusal>;
  /** Cells that the rules admit on purpose although they were not seen. */
  readonly declared: readonly Cell[];
  /** Workloads that share their selector, and with whom. */
  readonly collisions: ReadonlyMap<WorkloadId, readonly WorkloadId[]>;
}

/** What the edges of a baseline come to. */
interface Sifted {
  readonly accepted: Set<EdgeKey>;
  readonly refusals: Map<EdgeKey, Refusal>;
  readonly contributions: Map<WorkloadId, Contribution[]>;
  readonly declared: Cell[];
  readonly evidence: { readonly ingress: Set<WorkloadId>; readonly egress: Set<WorkloadId> };
}

interface DraftContext {
  readonly baseline: Baseline;
  readonly inhabitants: ReadonlyMap<WorkloadId, Inhabitant>;
  readonly profile: CniProfile;
}

function siftEdge(sifted: Sifted, baselineEdge: BaselineEdge, context: DraftContext): void {
  const { edge } = baselineEdge;
  const refusal = refusalOf(baselineEdge);
  if (refusal !== undefined) {
    sifted.refusals.set(edge.key, refusal);
    return;
  }
  sifted.accepted.add(edge.key);
  if (edge.from.kind === 'workload') sifted.evidence.egress.add(edge.from.id);
  if (edge.to.kind === 'workload') sifted.evidence.ingress.add(edge.to.id);
  const { inhabitants, profile, baseline } = context;
  const expressed = express(edge, { inhabitants, profile, isInScope: (id) => isInScope(baseline.scope, id) });
  if (!expressed.ok) {
    sifted.refusals.set(edge.key, expressed.error);
    return;
  }
  if (edge.truncated.has('addresses')) {
    const note = 'It used more addresses than are kept; the policy admits those that are.';
    sifted.refusals.set(edge.key, { reason: 'folded', note });
  }
  sifted.declared.push(...expressed.value.declared);
  for (const each of expressed.value.contributions) {
    const known = sifted.contributions.get(each.subject);
    if (known === undefined) sifted.contributions.set(each.subject, [each]);
    else known.push(each);
  }
}

function sift(context: DraftContext): Sifted {
  const sifted: Sifted = {
    accepted: new Set(),
    refusals: new Map(),
    contributions: new Map(),
    declared: [],
    evidence: { ingress: new Set(), egress: new Set() },
  };
  for (const each of sortedBy(context.baseline.edges.values(), ({ edge }) => edge.key)) {
    siftEdge(sifted, each, context);
  }
  return sifted;
}

function specOf(
  inhabitant: Inhabitant,
  contributions: readonly Contribution[],
): {
  readonly spec: NetworkPolicy['spec'];
  readonly reasons: ProposedPolicy['reasons'];
} {
  const ingress = rulesOf(contributions, 'ingress');
  const egress = rulesOf(contributions, 'egress');
  const podSelector = inhabitant.choice.kind === 'selector' ? inhabitant.choice.selector : {};
  return {
    spec: {
      podSelector,
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

function policyFor(
  inhabitant: Inhabitant,
  contributions: readonly Contribution[],
  { baseline, evidence, hash }: { baseline: Baseline; evidence: Evidence; hash: HashText },
): ProposedPolicy {
  const { id, rows } = inhabitant;
  const { spec, reasons } = specOf(inhabitant, contributions);
  const { window } = baseline;
  return {
    workload: id,
    policy: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: policyName(id, hash), namespace: rows[0]?.namespace ?? 'default' },
      spec,
    },
    reasons,
    warnings: [...selectorWarnings(inhabitant), ...ruleWarnings(id, contributions, { window, evidence })],
  };
}

const collisionsOf = (
  inhabitants: ReadonlyMap<WorkloadId, Inhabitant>,
): ReadonlyMap<WorkloadId, readonly WorkloadId[]> =>
  new Map(
    [...inhabitants.values()].flatMap(({ id, choice }) =>
      choice.kind === 'selector' && choice.collidesWith.length > 0
        ? [[id, choice.collidesWith] as const]
        : [],
    ),
  );

/**
 * Writes one policy for each workload of the scope that has a selector and a rule; the rest is left to default deny,
 * so that a policy without rules, which isolates without looking like it, is never applied by accident.
 */
export function draftPolicies(baseline: Baseline, profile: CniProfile, hash: HashText): Draft {
  const inhabitants = inhabitantsOf(scopedWorld(baseline));
  const sifted = sift({ baseline, inhabitants, profile });
  const { evidence, refusals } = sifted;
  const residents = [...inhabitants.values()].filter(({ id }) => isInScope(baseline.scope, id));
  const governed = residents.filter(({ id }) => sifted.contributions.has(id));
  const selectable = governed.filter(({ choice }) => choice.kind === 'selector');
  const isolation = isolationOf(
    baseline.scope,
    residents.map(({ id }) => id),
    evidence,
  );
  const unseen = residents.filter(({ id }) => !evidence.ingress.has(id) && !evidence.egress.has(id));
  const held = [...refusals.values()].filter(({ reason }) => reason === 'held-for-review').length;
  return {
    policies: selectable.map((inhabitant) =>
      policyFor(inhabitant, sifted.contributions.get(inhabitant.id) ?? [], { baseline, evidence, hash }),
    ),
    isolation,
    warnings: [
      ...heldWarning(held),
      ...residents.filter((each) => !selectable.includes(each)).flatMap(selectorWarnings),
      ...(isolation.length > 0 ? unseen.map(({ id }) => isolatedWarning(id)) : []),
    ],
    accepted: sifted.accepted,
    refusals,
    declared: sifted.declared,
    collisions: collisionsOf(inhabitants),
  };
}
