import { z } from 'zod';

/** Shapes on the wire. Times are epoch milliseconds unless a field says otherwise; text is as received, never markup. */

export const PeerKind = z.enum(['workload', 'entity', 'cidr', 'fqdn', 'other-external']);

/** A vertex of the map. */
export const GraphNode = z
  .object({
    /** Stable key, e.g. `workload:default/shop/Deployment/cart`. */
    id: z.string(),
    kind: PeerKind,
    /** Name alone: `cart`, `world`, `203.0.113.9/32`, `api.example.com`. */
    label: z.string(),
    cluster: z.string().optional(),
    namespace: z.string().optional(),
    workloadKind: z.string().optional(),
    pods: z.int().nonnegative(),
    /** `key=value` of its pods, sorted; absent where none is known. */
    labels: z.array(z.string()).optional(),
    /** What the current proposal would isolate. */
    isolation: z.enum(['none', 'ingress', 'egress', 'both']),
    openFindings: z.int().nonnegative(),
  })
  .meta({ id: 'GraphNode' });
export type GraphNode = z.infer<typeof GraphNode>;

export const EdgeState = z.enum(['known', 'new', 'held', 'rejected', 'silent', 'unjudged']);

/** All conversations of one from–to–protocol–port. */
export const GraphEdge = z
  .object({
    /** Short number, stable while the server runs; deltas use it. */
    id: z.int().nonnegative(),
    key: z.string(),
    from: z.string(),
    to: z.string(),
    protocol: z.string(),
    /** `9080`, `none` or `many`. */
    port: z.union([z.int(), z.literal('none'), z.literal('many')]),
    conversations: z.int().nonnegative(),
    denied: z.int().nonnegative(),
    audited: z.int().nonnegative(),
    refused: z.int().nonnegative(),
    /** Conversations per minute over the last five minutes of data. */
    ratePerMinute: z.number().nonnegative(),
    firstSeenAt: z.number(),
    lastSeenAt: z.number(),
    /** Against the current baseline; `unjudged` while there is none. */
    state: EdgeState,
    /** The proposal's answer: `extra` never appears here, since an edge was seen. */
    admitted: z.enum(['admitted', 'blocked', 'no-proposal', 'out-of-scope']),
    /** Open findings on this edge. */
    findings: z.int().nonnegative(),
    /** Policies that the flows name as deciding, `namespace/name`; absent where they name none. */
    policies: z.array(z.string()).optional(),
  })
  .meta({ id: 'GraphEdge' });
export type GraphEdge = z.infer<typeof GraphEdge>;

/** How far the data can be trusted; the trust strip. */
export const Trust = z
  .object({
    flows: z.int().nonnegative(),
    conversations: z.int().nonnegative(),
    undecided: z.int().nonnegative(),
    /** Undecided ÷ all TCP and UDP conversations, 0 to 1. */
    undecidedShare: z.number(),
    unresolved: z.int().nonnegative(),
    /** Decimal text: may exceed what a JSON number holds exactly. */
    lostEvents: z.string(),
    badLines: z.int().nonnegative(),
    silentNodes: z.array(z.string()),
    sources: z.int().nonnegative(),
    directionConflicts: z.int().nonnegative(),
    closedEarly: z.int().nonnegative(),
    /** Sentences for amber warnings; empty when nothing makes one doubt. */
    doubts: z.array(z.string()),
  })
  .meta({ id: 'Trust' });
export type Trust = z.infer<typeof Trust>;

/** The whole graph in one minute. A conversation counts in each minute it was seen in. */
export const GraphMinute = z
  .object({ at: z.number(), conversations: z.int().nonnegative(), denied: z.int().nonnegative() })
  .meta({ id: 'GraphMinute' });
export type GraphMinute = z.infer<typeof GraphMinute>;

/**
 * Rows by minute, oldest first, none for a minute without conversations. A snapshot holds all of the last 1 440
 * minutes; a delta those that are other than before, where 0 conversations take a row away.
 */
export const MinuteRows = z.object({ minutes: z.array(GraphMinute) });
export type MinuteRows = z.infer<typeof MinuteRows>;

/** The whole picture at one moment. */
export const GraphSnapshot = z
  .object({
    /** Number of the last delta this picture contains. */
    seq: z.int().nonnegative(),
    /** The data's own clock: the newest flow, not the wall. */
    now: z.number(),
    mode: z.enum(['demo', 'file', 'live']),
    span: z.object({ from: z.number(), until: z.number() }).nullable(),
    /** Title of what is shown, e.g. `demo shop` or the file's name. */
    title: z.string(),
    trainingWindow: z.object({ from: z.number(), until: z.number() }).nullable(),
    nodes: z.array(GraphNode),
    edges: z.array(GraphEdge),
    ...MinuteRows.shape,
    trust: Trust,
  })
  .meta({ id: 'GraphSnapshot' });
export type GraphSnapshot = z.infer<typeof GraphSnapshot>;

/** One flow as evidence. */
export const FlowEvidence = z
  .object({
    /** RFC 3339 with nanoseconds. */
    at: z.string(),
    node: z.string().nullable(),
    kind: z.string(),
    verdict: z.string(),
    dropReason: z.string().nullable(),
    protocol: z.string(),
    source: z.string(),
    destination: z.string(),
    reply: z.enum(['request', 'reply', 'unknown']),
    direction: z.enum(['ingress', 'egress', 'unknown']),
    flags: z.string(),
    l7: z.string().nullable(),
    uuid: z.string().nullable(),
  })
  .meta({ id: 'FlowEvidence' });
export type FlowEvidence = z.infer<typeof FlowEvidence>;

const Counted = z.object({ text: z.string(), count: z.int() });

/** Everything known about one edge. */
export const EdgeDetail = GraphEdge.extend({
  line: z.string(),
  conversationCounts: z.object({
    total: z.int(),
    opened: z.int(),
    answered: z.int(),
    refused: z.int(),
    atSource: z.int(),
    atDestination: z.int(),
  }),
  outcomes: z.object({
    forwarded: z.int(),
    redirected: z.int(),
    audited: z.int(),
    denied: z.int(),
    failed: z.int(),
  }),
  /** How the client was told from the server, with conversations by proof. */
  proofs: z.array(Counted),
  minutes: z.array(z.object({ at: z.number(), conversations: z.int(), denied: z.int() })),
  fromPods: z.array(z.string()),
  toPods: z.array(z.string()),
  addresses: z.array(z.object({ ip: z.string(), firstSeenAt: z.number(), lastSeenAt: z.number() })),
  names: z.array(z.string()),
  methods: z.array(Counted),
  paths: z.array(Counted),
  dnsNames: z.array(Counted),
  allowedBy: z.array(z.string()),
  deniedBy: z.array(z.string()),
  services: z.array(z.string()),
  truncated: z.array(z.string()),
  sample: FlowEvidence,
  baseline: z
    .object({ decision: z.enum(['accepted', 'rejected', 'held']), reason: z.string(), actor: z.string() })
    .nullable(),
  /** `namespace/policy egress[0]` of the proposal's rules that rest on this edge. */
  rules: z.array(z.string()),
}).meta({ id: 'EdgeDetail' });
export type EdgeDetail = z.infer<typeof EdgeDetail>;

/** Everything known about one vertex. */
export const NodeDetail = GraphNode.extend({
  description: z.string(),
  podNames: z.array(z.string()),
  /** Labels every pod of the workload carries. */
  labels: z.array(z.object({ key: z.string(), value: z.string() })),
  inbound: z.array(GraphEdge),
  outbound: z.array(GraphEdge),
  policyYaml: z.string().nullable(),
}).meta({ id: 'NodeDetail' });
export type NodeDetail = z.infer<typeof NodeDetail>;
