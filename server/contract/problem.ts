import { z } from 'zod';

/** RFC 9457 problem details, with the code of `docs/errors.md`. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    /** Field that was wrong, when one was. */
    at: z.string().optional(),
    /** Faults with their places, or names that are meant perhaps; unlike the detail they may quote what was sent. */
    lines: z.array(z.string()).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;
