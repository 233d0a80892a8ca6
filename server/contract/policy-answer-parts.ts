import { z } from 'zod';

/** Pieces that several answers about policies share. Texts may hold what a stranger wrote. */

export const COUNT = z.int().nonnegative();

export const directionOf = z.enum(['ingress', 'egress']);

/** Ports of each protocol, as intervals. */
export const PORTS = z.array(z.strictObject({ protocol: z.string(), from: z.int(), to: z.int() }));

export const PORTS_TEXT = z.strictObject({ ports: PORTS, text: z.string() });

export const WORKLOAD_NAME = z.strictObject({ namespace: z.string(), kind: z.string(), name: z.string() });

/** Where an object stands. */
export const SOURCE = z.strictObject({
  file: z.string(),
  document: z.int().optional(),
  line: z.int().optional(),
  item: z.string(),
});

/** A policy as `shop/db`, and as `db.yaml:3` where it stands. */
export const NAMED = z.strictObject({ policy: z.string(), source: z.string().optional() });

export const RULE_TEXT = NAMED.extend({ direction: directionOf, rule: COUNT, text: z.string() });

/** What about a rule did not match. */
export const MISSES = z.array(
  z.strictObject({ what: z.string(), wanted: z.string(), found: z.string(), key: z.string().optional() }),
);

export const END = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('workload'),
    text: z.string(),
    namespace: z.string(),
    workloadKind: z.string(),
    name: z.string(),
  }),
  z.strictObject({
    kind: z.literal('external'),
    text: z.string(),
    family: z.string(),
    first: z.string(),
    last: z.string(),
    cidr: z.string().optional(),
  }),
]);

export const TALLY = z.strictObject({ edges: COUNT, conversations: COUNT });

/** Conversations of one edge that policies block. */
export const countedEdge = z.strictObject({
  line: z.string(),
  conversations: COUNT,
  extent: z.enum(['all', 'some']),
  lastSeenAt: z.string(),
  fromExamples: z.array(z.string()),
  toExamples: z.array(z.string()),
});

/** What of manifests could not be read. */
export const PROBLEMS = z.array(
  z.strictObject({
    file: z.string(),
    document: z.int().optional(),
    line: z.int().optional(),
    field: z.string(),
    fault: z.string(),
    leftOut: z.string(),
    detail: z.string().optional(),
    message: z.string(),
  }),
);

/** How much of a long list an answer holds. */
export const LIST_COUNT = z.strictObject({ name: z.string(), shown: COUNT, total: COUNT });
