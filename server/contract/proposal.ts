import { z } from 'zod';
import { Window } from './learning.ts';

export const WarningView = z
  .object({ code: z.string(), workload: z.string().nullable(), message: z.string() })
  .meta({ id: 'ProposalWarning' });

export const ProposalSummary = z
  .object({
    id: z.string(),
    baselineId: z.string(),
    state: z.enum(['draft', 'approved', 'exported', 'superseded']),
    recordedAt: z.number(),
    actor: z.string(),
    coverage: z.number(),
    tightness: z.number(),
    extras: z.int(),
    policies: z.int(),
    rules: z.int(),
    notAdmitted: z.int(),
    warnings: z.int(),
  })
  .meta({ id: 'ProposalSummary' });
export type ProposalSummary = z.infer<typeof ProposalSummary>;

/** What a rule's grade was worked out from: those of the weakest of its edges. */
export const ConfidencePartsView = z
  .object({
    weakest: z.string(),
    conversations: z.int(),
    minutes: z.int(),
    hours: z.int(),
    days: z.int(),
    ends: z.enum(['both', 'one', 'only-one-possible']),
    proof: z.string(),
    declared: z.enum(['service', 'unknown']),
    clientPods: z.int(),
    lastSeenAt: z.number(),
    quietMs: z.number(),
    isSingleShot: z.boolean(),
    holdOut: z.enum(['survived', 'lost', 'untested']),
    points: z.int(),
    caps: z.array(z.string()),
    needs: z.string().nullable(),
  })
  .meta({ id: 'ConfidenceParts' });

/** What policies learnt from the first part of the window would have lost of the rest. */
export const HoldOutView = z
  .object({
    outcome: z.enum(['judged', 'too-short', 'nothing-seen']),
    cutAt: z.number(),
    admitted: z.int(),
    lost: z.int(),
    rate: z.number(),
    rows: z.array(
      z.object({
        kind: z.string(),
        line: z.string(),
        edges: z.int(),
        conversations: z.int(),
        note: z.string(),
      }),
    ),
  })
  .meta({ id: 'HoldOutView' });

export const PolicyView = z
  .object({
    /** Vertex id of the subject; null for a namespace's default deny. */
    workload: z.string().nullable(),
    title: z.string(),
    namespace: z.string(),
    name: z.string(),
    path: z.string(),
    yaml: z.string(),
    ingressRules: z.int(),
    egressRules: z.int(),
    rules: z.array(
      z.object({
        direction: z.enum(['ingress', 'egress']),
        index: z.int(),
        comment: z.string(),
        confidence: z.enum(['A', 'B', 'C', 'D']),
        /** Absent in proposals of earlier versions. */
        parts: ConfidencePartsView.optional(),
        edges: z.array(z.object({ key: z.string(), line: z.string() })),
      }),
    ),
    warnings: z.array(WarningView),
    isDefaultDeny: z.boolean(),
    isolatesWithoutEvidence: z.array(z.string()),
  })
  .meta({ id: 'PolicyView' });
export type PolicyView = z.infer<typeof PolicyView>;

export const CertificateView = z
  .object({
    profile: z.string(),
    contentHash: z.string(),
    toolVersion: z.string(),
    window: Window,
    universe: z.string(),
    cellsJudged: z.int(),
    totals: z.object({
      trainingEdges: z.int(),
      admittedEdges: z.int(),
      trainingConversations: z.int(),
      admittedConversations: z.int(),
      coverage: z.number(),
      tightness: z.number(),
      extras: z.int(),
      policies: z.int(),
      rules: z.int(),
      pairsBefore: z.int(),
      pairsAfter: z.int(),
    }),
    notAdmitted: z.array(
      z.object({ line: z.string(), conversations: z.int(), reason: z.string(), note: z.string().nullable() }),
    ),
    extras: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        ports: z.string(),
        admittedBy: z.array(z.string()),
        declared: z.boolean(),
        why: z.string(),
      }),
    ),
    blindSpots: z.array(z.object({ what: z.string(), count: z.string() })),
    /** Rules, a lower bound on them, and those without which nothing breaks; not for earlier proposals. */
    minimality: z.object({ ruleCount: z.int(), atLeast: z.int(), redundant: z.int() }).optional(),
  })
  .meta({ id: 'CertificateView' });
export type CertificateView = z.infer<typeof CertificateView>;

export const ProposalDetail = ProposalSummary.extend({
  policiesView: z.array(PolicyView),
  warningsView: z.array(WarningView),
  certificate: CertificateView,
  /** Absent when there was none. */
  holdOut: HoldOutView.optional(),
  report: z.string(),
}).meta({ id: 'ProposalDetail' });
export type ProposalDetail = z.infer<typeof ProposalDetail>;
