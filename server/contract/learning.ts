import { z } from 'zod';

export const Window = z.object({ from: z.number(), until: z.number() });

export const ReadinessView = z
  .object({
    score: z.number(),
    unseenMass: z.number(),
    edges: z.int(),
    oneShotEdges: z.int(),
    incidences: z.int(),
    windowMs: z.number(),
    hoursCovered: z.int(),
    hoursInSpan: z.int(),
    lostShare: z.number(),
    reasons: z.array(z.string()),
  })
  .meta({ id: 'Readiness' });
export type ReadinessView = z.infer<typeof ReadinessView>;

export const BaselineSummary = z
  .object({
    id: z.string(),
    version: z.int(),
    recordedAt: z.number(),
    actor: z.string(),
    cluster: z.string(),
    namespaces: z.array(z.string()),
    window: Window,
    accepted: z.int(),
    held: z.int(),
    rejected: z.int(),
    readiness: ReadinessView,
  })
  .meta({ id: 'BaselineSummary' });
export type BaselineSummary = z.infer<typeof BaselineSummary>;

export const BaselineEdgeView = z
  .object({
    key: z.string(),
    line: z.string(),
    decision: z.enum(['accepted', 'rejected', 'held']),
    reason: z.string(),
    actor: z.string(),
    conversations: z.int(),
  })
  .meta({ id: 'BaselineEdge' });

export const BaselineDetail = BaselineSummary.extend({ edges: z.array(BaselineEdgeView) }).meta({
  id: 'BaselineDetail',
});
export type BaselineDetail = z.infer<typeof BaselineDetail>;

/** What is being learnt, and how complete it is. */
export const Training = z
  .object({
    window: Window.nullable(),
    cluster: z.string(),
    namespaces: z.array(z.string()),
    baseline: BaselineSummary.nullable(),
    /** How complete a baseline of what was seen so far would be, while there is none. */
    soFar: ReadinessView.nullable(),
    unlearntEdges: z.int(),
  })
  .meta({ id: 'Training' });
export type Training = z.infer<typeof Training>;

/** A person's word on one edge of the current baseline; answers with the new baseline and proposal. */
export const DecisionRequest = z
  .object({
    edge: z.string().max(4096),
    decision: z.enum(['accepted', 'rejected', 'held']),
    reason: z.string().trim().min(1).max(500),
  })
  .meta({ id: 'DecisionRequest' });
export type DecisionRequest = z.infer<typeof DecisionRequest>;

export const DecisionAnswer = z
  .object({ baseline: BaselineSummary, proposalId: z.string() })
  .meta({ id: 'DecisionAnswer' });

export const FindingView = z
  .object({
    id: z.string(),
    kind: z.enum(['new-edge', 'new-port', 'denied-attempt', 'gone-silent', 'fan-out']),
    severity: z.enum(['info', 'low', 'medium', 'high']),
    state: z.enum(['open', 'acknowledged', 'resolved', 'suppressed']),
    edgeKey: z.string(),
    /** Of the live graph; null when the edge is not in it. */
    edgeId: z.int().nullable(),
    from: z.string(),
    to: z.string(),
    line: z.string(),
    title: z.string(),
    explanation: z.string(),
    nearestKnown: z.string().nullable(),
    proposalAnswer: z.enum(['would-block', 'would-admit', 'not-covered', 'no-proposal']),
    conversations: z.int(),
    firstSeenAt: z.number(),
    lastSeenAt: z.number(),
  })
  .meta({ id: 'Finding' });
export type FindingView = z.infer<typeof FindingView>;

export const FindingStateRequest = z
  .object({
    state: z.enum(['open', 'acknowledged', 'resolved']),
    reason: z.string().trim().min(1).max(500),
  })
  .meta({ id: 'FindingStateRequest' });
