import type { Baseline, BaselineEdge } from '#core/baseline/baseline.ts';
import { isInScope } from '#core/baseline/training-window.ts';
import type { Edge, EdgeKey } from '#core/graph/edge.ts';
import type { WorkloadId } from '#core/identity/peer.ts';
import { sortedBy } from '#core/order.ts';
import { type CellEdge, cellEdgeOf, type DeclaredCell } from '../cell.ts';
import type { BudgetReport } from '../certificate.ts';
import type { BudgetedPlace } from '../certify/budgeted-places.ts';
import type { HashText } from '../hash.ts';
import type { RuleBound } from '../minimality/rule-bound.ts';
import type { NamespaceIsolation, ProposalWarning, ProposedPolicy } from '../proposal.ts';
import { scopedWorld } from '../scoped-world.ts';
import type { CniProfile } from '../world.ts';
import { type Contribution, express } from './contribution.ts';
import { type Refusal, refusalOf } from './evidence.ts';
import { type Governed, governing } from './govern.ts';
import { type Inhabitant, inhabitantsOf, type SelectorKeys } from './inhabitants.ts';
import { isolationOf } from './isolation.ts';
import { neighbourhoodOf } from './neighbourhood.ts';
import { type PublicListenerWish, publicOpening } from './public-opening.ts';
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
  readonly declared: readonly DeclaredCell[];
  /** Workloads that share their selector, and with whom. */
  readonly collisions: ReadonlyMap<WorkloadId, readonly WorkloadId[]>;
  /** How few rules each direction of each policy could do with. */
  readonly bounds: readonly RuleBound[];
  /** What a budget of extras was spent on; undefined without one. */
  readonly budget: BudgetReport | undefined;
  readonly budgeted: readonly BudgetedPlace[];
}

/** How policies are to be drafted. */
export interface DraftOptions {
  readonly profile: CniProfile;
  readonly hash: HashText;
  /** From–to–port triples that may be admitted although nobody saw them, to save rules; 0 unless given. */
  readonly maxExtra?: number | undefined;
  /** Keys of the selectors of controllers whose manifests are known: the labels that can not change. */
  readonly selectorKeys?: SelectorKeys | undefined;
  /** Who may reach ports that serve the public; those who were seen unless given. */
  readonly publicListeners?: PublicListenerWish | undefined;
}

/** What the edges of a baseline come to. */
interface Sifted {
  readonly accepted: Set<EdgeKey>;
  readonly refusals: Map<EdgeKey, Refusal>;
  readonly contributions: Map<WorkloadId, Contribution[]>;
  readonly declared: DeclaredCell[];
  readonly evidence: { readonly ingress: Set<WorkloadId>; readonly egress: Set<WorkloadId> };
}

interface DraftContext {
  readonly baseline: Baseline;
  readonly inhabitants: ReadonlyMap<WorkloadId, Inhabitant>;
  readonly profile: CniProfile;
  /** Visits to ports that are opened to every public address. */
  readonly opened: ReadonlySet<EdgeKey>;
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
  const isOpened = ({ key }: Pick<Edge, 'key'>): boolean => context.opened.has(key);
  const expressed = express(edge, {
    inhabitants,
    profile,
    isInScope: (id) => isInScope(baseline.scope, id),
    isOpened,
  });
  if (!expressed.ok) {
    sifted.refusals.set(edge.key, expressed.error);
    return;
  }
  if (edge.truncated.has('addresses') && !isOpened(edge)) {
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

function governedBy(inhabitant: Inhabitant, sifted: Sifted, { window }: Baseline): Governed {
  const contributions = sifted.contributions.get(inhabitant.id) ?? [];
  const { evidence } = sifted;
  const found = ruleWarnings(inhabitant.id, contributions, { window, evidence });
  return { inhabitant, contributions, warnings: [...selectorWarnings(inhabitant), ...found] };
}

const unacceptedEdges = ({ edges }: Baseline, { accepted }: Sifted): readonly CellEdge[] =>
  [...edges.values()].filter(({ edge }) => !accepted.has(edge.key)).map(({ edge }) => cellEdgeOf(edge));

/**
 * Writes one policy for each workload of the scope that has a selector and a rule; the rest is left to default deny,
 * so that a policy without rules, which isolates without looking like it, is never applied by accident. Yields at
 * points where other work may be done.
 */
export function* drafting(baseline: Baseline, options: DraftOptions): Generator<undefined, Draft> {
  const { profile, hash, maxExtra = 0, selectorKeys, publicListeners = 'seen' } = options;
  const inhabitants = inhabitantsOf(scopedWorld(baseline), selectorKeys);
  const opening = publicOpening(baseline, publicListeners);
  const sifted = sift({ baseline, inhabitants, profile, opened: opening.opened });
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
  const collisions = collisionsOf(inhabitants);
  const governance = yield* governing({
    baseline,
    governed: selectable.map((each) => governedBy(each, sifted, baseline)),
    collisions,
    neighbourhood: neighbourhoodOf(inhabitants, unacceptedEdges(baseline, sifted)),
    profile,
    hash,
    maxExtra,
  });
  return {
    policies: governance.policies,
    isolation,
    warnings: [
      ...governance.warnings,
      ...heldWarning(held),
      ...residents.filter((each) => !selectable.includes(each)).flatMap(selectorWarnings),
      ...(isolation.length > 0 ? unseen.map(({ id }) => isolatedWarning(id)) : []),
    ],
    accepted: sifted.accepted,
    refusals,
    declared: [...sifted.declared, ...opening.declared],
    collisions,
    bounds: governance.bounds,
    budget: governance.budget,
    budgeted: governance.budgeted,
  };
}
