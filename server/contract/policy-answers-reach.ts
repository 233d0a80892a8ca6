import { z } from 'zod';
import {
  COUNT,
  directionOf,
  NAMED,
  PORTS,
  PORTS_TEXT,
  PROBLEMS,
  RULE_TEXT,
  SOURCE,
} from './policy-answer-parts.ts';

/** Answers about findings, ports and reach: the same as the command prints with `--json`. */

const SEVERITY = z.enum(['error', 'warning', 'info']);

export const LintAnswer = z
  .strictObject({
    profile: z.string(),
    policies: COUNT,
    workloads: COUNT,
    errors: COUNT,
    warnings: COUNT,
    notes: COUNT,
    findings: z.array(
      z.strictObject({
        rule: z.string(),
        severity: SEVERITY,
        about: z.string(),
        source: SOURCE.optional(),
        field: z.string(),
        what: z.string(),
        fix: z.string(),
        title: z.string().optional(),
        why: z.string().optional(),
      }),
    ),
    suppressed: z.array(z.strictObject({ rule: z.string(), count: COUNT })),
    skippedRules: z.array(z.string()),
    remarks: z.array(z.string()),
  })
  .meta({ id: 'LintAnswer' });

const DOOR = z.strictObject({
  kind: z.string(),
  object: z.string(),
  service: z.string().optional(),
  port: z.int().optional(),
  name: z.string().optional(),
  at: z.array(z.string()),
  clients: z.array(z.string()),
  sourceRanges: z.array(z.string()),
  externalTrafficPolicy: z.string().optional(),
  onlySomePods: z.boolean(),
  source: SOURCE.optional(),
  isPublic: z.boolean(),
  maskedAsNode: z.boolean(),
  through: z.array(z.string()),
});

export const PortsAnswer = z
  .strictObject({
    profile: z.string(),
    cluster: z.string(),
    policies: COUNT,
    flowsGiven: z.boolean(),
    lostEvents: z.string().optional(),
    total: COUNT,
    ports: z.array(
      z.strictObject({
        workload: z.string(),
        protocol: z.string(),
        port: z.int(),
        openness: z.string(),
        declaredByContainer: z.boolean(),
        declaredNowhere: z.boolean(),
        reach: z.strictObject({
          inside: z.strictObject({ kind: z.string(), workloads: z.array(z.string()).optional() }),
          strangers: z.boolean(),
          outside: z.array(z.string()),
          otherNodes: z.boolean(),
          isUngoverned: z.boolean(),
          onlySomePods: z.boolean(),
        }),
        doors: z.array(DOOR),
        usage: z.string(),
        use: z
          .strictObject({
            conversations: COUNT,
            answered: COUNT,
            denied: COUNT,
            lastSeenAt: z.string(),
            by: z.array(z.strictObject({ peer: z.string(), conversations: COUNT })),
            services: z.array(z.string()),
            isPerhaps: z.boolean(),
          })
          .optional(),
      }),
    ),
    deadEnds: z.array(
      z.strictObject({
        kind: z.string(),
        object: z.string(),
        port: z.string(),
        reason: z.string(),
        source: SOURCE,
      }),
    ),
    problems: PROBLEMS,
  })
  .meta({ id: 'PortsAnswer' });

const STAGE = z.enum(['open', 'current', 'proposal']);
const FIGURES = z.strictObject({ workloads: COUNT, pairs: COUNT });
const OUTSIDE = z.array(PORTS_TEXT.extend({ anywhere: z.boolean(), ranges: z.array(z.string()) }));

/** What a compromised pod of one workload reaches under one set of policies. */
const BLAST_STAGE = z.strictObject({
  stage: STAGE,
  byHop: z.array(FIGURES),
  closure: FIGURES,
  hops: COUNT,
  reached: z.array(PORTS_TEXT.extend({ workload: z.string(), hops: COUNT })),
  outside: z.strictObject({ direct: OUTSIDE, closure: OUTSIDE }),
  nodesAndApiServer: z.strictObject({ direct: z.boolean(), closure: z.boolean() }),
  crownJewels: z.array(
    z.strictObject({
      jewel: z.string(),
      reached: z.boolean(),
      path: z.array(
        z.strictObject({
          from: z.string(),
          to: z.string(),
          fromPod: z.string(),
          toPod: z.string(),
          protocol: z.string(),
          port: z.int(),
          confirmed: z.boolean(),
          reason: z.string(),
          egressIsolated: z.boolean(),
          ingressIsolated: z.boolean(),
          allowedBy: z.array(NAMED.extend({ direction: directionOf, rule: COUNT })),
        }),
      ),
    }),
  ),
});

/** How far each workload would get under one set of policies. */
const CLUSTER_STAGE = z.strictObject({
  stage: STAGE,
  workloads: COUNT,
  meanDirect: z.number(),
  meanReached: z.number(),
  worstReached: COUNT,
  directPairs: COUNT,
  reachedPairs: COUNT,
  radii: z.array(
    z.strictObject({
      workload: z.string(),
      direct: COUNT,
      reached: COUNT,
      hops: COUNT,
      leaves: z.boolean(),
    }),
  ),
  crownJewels: z.array(z.strictObject({ jewel: z.string(), direct: COUNT, reached: COUNT })),
});

export const BlastAnswer = z
  .strictObject({
    cluster: z.string(),
    profile: z.string(),
    workload: z.string().optional(),
    workloads: COUNT,
    policies: z.array(z.strictObject({ stage: STAGE, count: COUNT })),
    workloadsWithoutKnownPort: COUNT.optional(),
    readings: z.array(
      z.strictObject({
        ports: z.enum(['every', 'listening']),
        stages: z.array(z.union([BLAST_STAGE, CLUSTER_STAGE])),
      }),
    ),
    used: z
      .strictObject({
        byHop: z.array(z.strictObject({ workloads: z.array(z.string()), pairs: COUNT.optional() })),
        direct: z.array(PORTS_TEXT.extend({ workload: z.string() })),
        outside: z.array(z.string()),
      })
      .optional(),
    problems: PROBLEMS,
  })
  .meta({ id: 'BlastAnswer' });

const REASON = z.strictObject({
  isolated: z.boolean(),
  confirmed: z.boolean(),
  allowedBy: z.array(RULE_TEXT),
});

const EXPOSURE_HEAD = {
  cluster: z.string(),
  profile: z.string(),
  workloads: COUNT,
  policies: COUNT,
  problems: PROBLEMS,
};

/** What is open to pods still to come. */
const OPENINGS = z.strictObject({
  ...EXPOSURE_HEAD,
  openings: z.array(
    z.strictObject({
      direction: directionOf,
      /** `anybody`, a namespace, pods with some labels, or addresses outside. */
      who: z.looseObject({ kind: z.enum(['anybody', 'namespace', 'labels', 'outside']) }),
      targets: z.array(PORTS_TEXT.extend({ workload: z.string(), ...REASON.shape })),
    }),
  ),
  impossible: z.array(z.string()),
  notLookedAt: COUNT,
});

/** What one new pod could reach and be reached by. */
const POD_EXPOSURE = z.strictObject({
  ...EXPOSURE_HEAD,
  pod: z.looseObject({ namespace: z.string(), name: z.string() }),
  newNamespace: z.looseObject({ name: z.string() }).optional(),
  directions: z.array(
    z.strictObject({
      direction: directionOf,
      isolatedBy: z.array(z.string()),
      met: z.array(
        PORTS_TEXT.extend({
          end: z.strictObject({
            kind: z.enum(['workload', 'outside']),
            workload: z.string().optional(),
            ranges: z.array(z.string()).optional(),
            isAnywhere: z.boolean().optional(),
          }),
          onlySomePods: PORTS,
          own: REASON,
          other: REASON,
        }),
      ),
    }),
  ),
});

export const ExposureAnswer = z.union([OPENINGS, POD_EXPOSURE]).meta({ id: 'ExposureAnswer' });
