import { z } from 'zod';

/** Health of one source: what arrived, what could not be read, what was lost. */
export const SourceHealth = z
  .object({
    name: z.string(),
    kind: z.enum(['demo', 'file']),
    state: z.enum(['reading', 'done', 'failed', 'live']),
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
  })
  .meta({ id: 'SourceHealth' });
export type SourceHealth = z.infer<typeof SourceHealth>;
