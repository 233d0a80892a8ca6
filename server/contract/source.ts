import { z } from 'zod';

/** How a source is doing that goes on until it is stopped. */
export const LiveSourceHealth = z
  .object({
    isConnected: z.boolean(),
    version: z.string().nullable(),
    connectedNodes: z.int().nullable(),
    unavailableNodes: z.int().nullable(),
    flowsPerSecond: z.number(),
    /** Age of the newest flow when it arrived; negative when this machine's clock is behind. */
    lagMs: z.number().nullable(),
    lastFlowAt: z.number().nullable(),
    reconnects: z.int(),
    duplicates: z.int(),
    shedEvidence: z.int(),
    gaps: z.int(),
    /** Sentences that a person should read, though flows arrive. */
    notices: z.array(z.string()),
  })
  .meta({ id: 'LiveSourceHealth' });
export type LiveSourceHealth = z.infer<typeof LiveSourceHealth>;

/** Health of one source: what arrived, what could not be read, what was lost. */
export const SourceHealth = z
  .object({
    name: z.string(),
    kind: z.enum(['demo', 'file', 'hubble']),
    state: z.enum(['reading', 'done', 'failed', 'live', 'connecting']),
    /** One sentence when the state is `failed`. */
    problem: z.string().nullable(),
    bytesRead: z.number(),
    bytesTotal: z.number().nullable(),
    flows: z.int(),
    shapes: z.array(z.object({ text: z.string(), count: z.int() })),
    bad: z.array(
      z.object({
        code: z.string(),
        count: z.int(),
        examples: z.array(z.object({ file: z.string(), line: z.int(), what: z.string() })),
      }),
    ),
    setAside: z.array(
      z.object({ reason: z.string(), conversations: z.int(), examples: z.array(z.string()) }),
    ),
    lostEvents: z.string(),
    nodes: z.array(z.string()),
    silentNodes: z.array(z.string()),
    span: z.object({ from: z.number(), until: z.number() }).nullable(),
    /** Null for a source that has an end. */
    live: LiveSourceHealth.nullable(),
  })
  .meta({ id: 'SourceHealth' });
export type SourceHealth = z.infer<typeof SourceHealth>;
