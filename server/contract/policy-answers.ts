import { z } from 'zod';
import {
  COUNT,
  countedEdge,
  directionOf,
  END,
  MISSES,
  NAMED,
  PORTS,
  PROBLEMS,
  RULE_TEXT,
  SOURCE,
  TALLY,
  WORKLOAD_NAME,
} from './policy-answer-parts.ts';

/** What questions about policies are answered with: the same as the command prints with `--json`. */

export const ConnectionsAnswer = z
  .strictObject({
    profile: z.string(),
    workloads: z.array(WORKLOAD_NAME),
    policies: z.array(z.strictObject({ namespace: z.string().optional(), name: z.string(), source: SOURCE })),
    connections: z.array(
      z.strictObject({ line: z.string(), from: END, to: END, ports: PORTS, onlySomePods: PORTS }),
    ),
    differences: z
      .array(z.strictObject({ profile: z.string(), other: z.string(), line: z.string() }))
      .optional(),
    notes: z.array(z.string()),
    otherKinds: z.array(z.strictObject({ apiVersion: z.string(), kind: z.string(), count: COUNT })),
    problems: PROBLEMS,
  })
  .meta({ id: 'ConnectionsAnswer' });

/** A rule of NetworkPolicy, as it stands in a manifest. */
const RULE = z.record(z.string(), z.unknown());

const EXPLAINED_DIRECTION = z.strictObject({
  decision: z.enum(['ungoverned', 'open', 'allowed', 'denied']),
  isolatedBy: z.array(NAMED.extend({ subject: z.string() })),
  allowedBy: z.array(RULE_TEXT.extend({ peer: COUNT.optional(), port: COUNT.optional() })),
  nearest: RULE_TEXT.extend({ misses: MISSES }).optional(),
  doubts: z.array(NAMED.extend({ path: z.string(), message: z.string() })),
});

export const ExplainAnswer = z
  .strictObject({
    profile: z.string(),
    from: z.string(),
    to: z.string(),
    protocol: z.string(),
    port: z.int(),
    answer: z.enum(['allowed', 'denied', 'some']),
    cases: z.array(
      z.strictObject({
        from: z.string(),
        to: z.string(),
        allowed: z.boolean(),
        reason: z.string(),
        egress: EXPLAINED_DIRECTION,
        ingress: EXPLAINED_DIRECTION,
      }),
    ),
    patch: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('none'), reason: z.string(), note: z.string() }),
        z.strictObject({
          kind: z.literal('patch'),
          parts: z.array(
            z.strictObject({
              direction: directionOf,
              newPolicy: RULE.optional(),
              addTo: z.string().optional(),
              source: z.string().optional(),
              rule: RULE.optional(),
            }),
          ),
          alsoAllows: z.array(z.strictObject({ from: z.string(), to: z.string() })),
          pairsChecked: COUNT,
        }),
      ])
      .optional(),
    problems: PROBLEMS,
  })
  .meta({ id: 'ExplainAnswer' });

const MISSING = {
  kind: z.enum(['rule', 'none']),
  rule: RULE.optional(),
  reason: z.string().optional(),
  note: z.string().optional(),
};

const UNJUDGED = TALLY.extend({ reason: z.string() });

export const ReplayAnswer = z
  .strictObject({
    profile: z.string(),
    cluster: z.string(),
    policies: COUNT,
    totals: z.strictObject({ blocked: TALLY, admitted: TALLY, open: TALLY, ungoverned: TALLY }),
    blocked: z.array(
      countedEdge.extend({
        sides: z.array(
          z.strictObject({
            direction: directionOf,
            subject: z.string(),
            namespace: z.string(),
            isolatedBy: z.array(NAMED),
            nearest: NAMED.extend({ direction: directionOf, rule: COUNT, misses: MISSES }).optional(),
            missing: z.strictObject({ sentence: z.string(), ...MISSING }),
          }),
        ),
      }),
    ),
    unjudged: z.array(UNJUDGED.extend({ examples: z.array(z.string()) })),
    setAside: z.array(
      z.strictObject({ reason: z.string(), conversations: COUNT, examples: z.array(z.string()) }),
    ),
    denied: COUNT,
    failed: COUNT,
    /** Decimal text: may exceed what a JSON number holds exactly. */
    lostEvents: z.string(),
    problems: PROBLEMS,
  })
  .meta({ id: 'ReplayAnswer' });

const OPENNESS = z.strictObject({ ports: PORTS, onlySomePods: PORTS });
const SAID = z
  .strictObject({
    decision: z.enum(['open', 'allowed', 'denied']),
    isolatedBy: z.array(NAMED),
    allowedBy: z.array(NAMED.extend({ rule: COUNT, text: z.string() })),
  })
  .optional();
const CHANGE_CLASS = z.enum(['breaks-observed', 'widened', 'tightened', 'neutral']);
const BREAK = countedEdge.extend({
  sides: z.array(
    z.strictObject({ direction: directionOf, isolatedBy: z.array(NAMED), missing: z.strictObject(MISSING) }),
  ),
});

const DIFF_CHANGE = z.strictObject({
  line: z.string(),
  class: CHANGE_CLASS,
  classes: z.array(CHANGE_CLASS),
  kind: z.enum(['added', 'removed', 'changed']),
  from: END,
  to: END,
  before: OPENNESS,
  after: OPENNESS,
  opened: PORTS,
  closed: PORTS,
  traffic: z
    .strictObject({
      closed: COUNT,
      broken: COUNT,
      opened: COUNT,
      isAtMost: z.boolean(),
      lastSeenAt: z.string().optional(),
    })
    .optional(),
  reasons: z.array(
    z.strictObject({
      effect: z.enum(['opened', 'closed']),
      ports: PORTS,
      directions: z.array(z.strictObject({ direction: directionOf, old: SAID, new: SAID })),
    }),
  ),
  unexplained: PORTS,
});

export const DiffAnswer = z
  .strictObject({
    old: z.string(),
    new: z.string(),
    profile: z.string(),
    totals: z.strictObject({
      'breaks-observed': COUNT,
      widened: COUNT,
      tightened: COUNT,
      neutral: COUNT,
    }),
    failOn: z.array(CHANGE_CLASS),
    failed: z.boolean(),
    connections: z.strictObject({ old: COUNT, new: COUNT }),
    changes: z.array(DIFF_CHANGE),
    otherBreaks: z.array(BREAK),
    workloads: z.strictObject({ added: z.array(WORKLOAD_NAME), gone: z.array(WORKLOAD_NAME) }),
    policies: z.array(
      z.strictObject({
        policy: z.string(),
        kind: z.string(),
        old: z.string().optional(),
        new: z.string().optional(),
        /** Unified diff. */
        yaml: z.string(),
      }),
    ),
    observed: z
      .strictObject({
        breaks: z.array(BREAK),
        alreadyBlocked: TALLY,
        unjudged: z.array(UNJUDGED),
        seen: TALLY,
      })
      .optional(),
    lostEvents: z.string(),
    notes: z.array(z.string()),
    problems: z.strictObject({ old: PROBLEMS, new: PROBLEMS }),
  })
  .meta({ id: 'DiffAnswer' });

const SEGMENT_SIDE = z.strictObject({
  decisions: z.array(z.string()),
  isolatedBy: z.array(NAMED),
  allowedBy: z.array(NAMED.extend({ rule: COUNT })),
});

export const AssertAnswer = z
  .strictObject({
    file: z.string(),
    profile: z.string(),
    cluster: z.string(),
    policies: COUNT,
    workloads: COUNT,
    assertions: z.array(
      z.strictObject({
        id: z.string(),
        severity: z.string(),
        assertion: z.string(),
        why: z.string(),
        verdict: z.enum(['holds', 'violated by policy', 'violated by traffic', 'violated by both']),
        pairs: COUNT,
        pathCount: COUNT,
        paths: z.array(
          z.strictObject({
            steps: z.array(
              z.strictObject({
                from: z.string(),
                to: z.string(),
                ports: PORTS,
                reason: z.string(),
                egress: SEGMENT_SIDE,
                ingress: SEGMENT_SIDE,
                remedy: z.string(),
              }),
            ),
          }),
        ),
        traffic: z
          .strictObject({
            offences: z.array(
              z.strictObject({
                line: z.string(),
                conversations: COUNT,
                firstSeenAt: z.string(),
                lastSeenAt: z.string(),
                fromExamples: z.array(z.string()),
                toExamples: z.array(z.string()),
                isAllowed: z.boolean(),
              }),
            ),
            offenceCount: COUNT,
            conversations: COUNT,
            looked: COUNT,
            stopped: COUNT,
            unsure: COUNT,
          })
          .optional(),
      }),
    ),
    problems: PROBLEMS,
  })
  .meta({ id: 'AssertAnswer' });
