import { z } from 'zod';
import { SourceHealth } from '#contract/source.ts';
import type { Api, ApiContext } from '../api.ts';
import { sourceViews } from '../views/sources.ts';
import { PROBLEM_ANSWERS } from './schemas.ts';

/** Health of the sources. */
export function sourceRoutes(app: Api, { read }: ApiContext): void {
  app.get(
    '/api/v1/sources',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listSources',
        summary: 'What each source delivered, what could not be read, and what was lost',
        tags: ['sources'],
        response: { 200: z.array(SourceHealth), ...PROBLEM_ANSWERS },
      },
    },
    () => sourceViews(read()),
  );
}
