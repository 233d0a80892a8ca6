import type { Coverage } from '#core/flow/coverage.ts';
import { EPHEMERAL_FROM } from '#core/flow/direction.ts';
import type { EpochMs } from '#core/flow/time.ts';
import { type Edge, type EdgeKey, isAllowedEvidence } from '#core/graph/edge.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import { sortedBy } from '#core/order.ts';
import type { Baseline, BaselineEdge, EdgeDecision } from './baseline.ts';
import { type BaselineContent, baselineIdOf } from './baseline-codec.ts';
import { isEvidence } from './evidence.ts';
import { readinessOf } from './readiness-of.ts';
import { type SuspicionContext, suspicionContext, suspicionOf } from './suspicion.ts';
import { sliceOf } from './training-slice.ts';
import { type Scope, type TrainingWindow, touchesScope } from './training-window.ts';

/** The actor of a decision that a rule made. */
export const RULE_ACTOR = 'bulkhead';

/** What a baseline is learnt from. */
export interface LearnRequest {
  readonly graph: ServiceGraph;
  readonly world: SeenWorld;
  readonly coverage: Coverage;
  readonly scope: Scope;
  readonly window: TrainingWindow;
  /** Hash of a text, as letters and digits; the id of the baseline is the hash of its content. */
  readonly hash: (text: string) => string;
  /** 1 for the first of its scope. */
  readonly version: number;
  /** The baseline this one follows: what people decided about its edges stays decided. */
  readonly previous?: Baseline;
  /** Edges of open findings; they are held until the finding is closed. */
  readonly suspects?: ReadonlySet<EdgeKey>;
}

type HoldRule = (edge: Edge) => string | undefined;

const onlyAudited: HoldRule = (edge) =>
  isAllowedEvidence(edge)
    ? undefined
    : 'Policy in audit mode let it pass and would have denied it; a person must accept it first.';

const onlyRefused: HoldRule = ({ conversations }) =>
  conversations.refused > 0 && conversations.answered === 0
    ? 'The server refused each conversation and answered none; nothing shows that anybody needs it.'
    : undefined;

const manyPorts: HoldRule = ({ port }) =>
  port === 'many'
    ? 'The pair used more ports than are kept apart; a rule for it would have to admit every port.'
    : undefined;

const foldedOutside: HoldRule = ({ from, to }) =>
  from.kind === 'other-external' || to.kind === 'other-external'
    ? 'Its outside addresses are too many to be kept apart; a rule for it would have to admit every address.'
    : undefined;

/**
 * A listener on a port that the kernel also hands to clients is believed once two distinct clients opened
 * conversations to it, or one client did three times in different minutes: no kernel hands out the same port so often.
 */
function isProvenListener({ proofs, fromPods, addresses, from, minutes }: Edge): boolean {
  if (proofs.handshake < 2) return false;
  const clients = from.kind === 'workload' ? fromPods.size : addresses.size;
  return clients >= 2 || (proofs.handshake >= 3 && minutes.size >= 3);
}

const ephemeralPort: HoldRule = (edge) =>
  typeof edge.port === 'number' && edge.port >= EPHEMERAL_FROM && !isProvenListener(edge)
    ? `Port ${edge.port} is one that kernels hand to clients, and too few handshakes show a server there.`
    : undefined;

const HOLD_RULES: readonly HoldRule[] = [onlyAudited, onlyRefused, manyPorts, foldedOutside, ephemeralPort];

function holdReason(edge: Edge, context: SuspicionContext): string | undefined {
  for (const rule of HOLD_RULES) {
    const reason = rule(edge);
    if (reason !== undefined) return reason;
  }
  return suspicionOf(edge, context);
}

/** The part of the window in which there was data at all; flows without a time say nothing about it. */
function seenSpan({ coverage, window }: Pick<LearnRequest, 'coverage' | 'window'>): {
  from: EpochMs;
  until: EpochMs;
} {
  const from = Math.max(window.from, coverage.span?.from ?? window.from);
  const last = coverage.span === undefined ? window.until : coverage.span.until + 1;
  return { from, until: Math.max(from, Math.min(window.until, last)) };
}

function decisionFor(
  edge: Edge,
  request: Pick<LearnRequest, 'previous' | 'suspects'>,
  context: SuspicionContext,
): BaselineEdge {
  const before = request.previous?.edges.get(edge.key);
  if (before !== undefined && before.actor !== RULE_ACTOR) return { ...before, edge };
  const reason = request.suspects?.has(edge.key)
    ? 'It is the subject of an open finding; close the finding or accept the edge.'
    : holdReason(edge, context);
  if (reason !== undefined) return { edge, decision: 'held', reason, actor: RULE_ACTOR };
  return {
    edge,
    decision: 'accepted',
    reason: 'The data path let its conversations through.',
    actor: RULE_ACTOR,
  };
}

const withId = (content: BaselineContent, version: number, hash: (text: string) => string): Baseline => ({
  ...content,
  id: baselineIdOf(content, hash),
  version,
});

/** A baseline without its id, for who only looks at it: an id is the hash of everything in it, which takes its time. */
export function learnContent(request: Omit<LearnRequest, 'hash' | 'version'>): BaselineContent {
  const { graph, world, coverage, scope, window } = request;
  const slices = sortedBy(graph.edges.values(), (edge) => edge.key)
    .map((edge) => sliceOf(edge, window, graph.historyFrom))
    .filter((edge) => edge !== undefined);
  const context = suspicionContext(slices, world.pods, seenSpan(request));
  const seen = slices.filter((edge) => touchesScope(scope, edge.from, edge.to));
  const learnt = seen.filter(isEvidence);
  const edges = new Map(learnt.map((edge) => [edge.key, decisionFor(edge, request, context)] as const));
  const readiness = readinessOf(seen, window, coverage);
  return { scope, window, edges, world, coverage, readiness };
}

/**
 * Learns a baseline from what was seen in the window. Counts of an edge that also has minutes outside the window are
 * upper bounds (see `training-slice.ts`); a graph made of the window's flows alone has exact ones.
 */
export const learnBaseline = (request: LearnRequest): Baseline =>
  withId(learnContent(request), request.version, request.hash);

/** A person's word, or a rule's, on one edge. */
export interface DecisionChange {
  readonly edge: EdgeKey;
  readonly decision: EdgeDecision;
  /** One sentence. */
  readonly reason: string;
  readonly actor: string;
}

/** The next version of the baseline, with this decision; undefined when it has no such edge. */
export function withDecision(
  baseline: Baseline,
  change: DecisionChange,
  hash: (text: string) => string,
): Baseline | undefined {
  const known = baseline.edges.get(change.edge);
  if (known === undefined) return undefined;
  const { decision, reason, actor } = change;
  const edges = new Map(baseline.edges).set(change.edge, { edge: known.edge, decision, reason, actor });
  const { id: _id, version, ...content } = baseline;
  return withId({ ...content, edges }, version + 1, hash);
}
