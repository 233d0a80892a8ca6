import { z } from 'zod';
import type { Api, ApiContext } from '../api.ts';
import type { Metrics } from '../metrics.ts';
import { HttpProblem } from '../problem/http-problem.ts';
import { PROBLEM_ANSWERS } from './schemas.ts';

const TAGS = ['operations'];

/** Liveness and readiness: open to everyone, and therefore without a word about version or data. */
export function healthRoutes(app: Api, { workspace }: Pick<ApiContext, 'workspace'>): void {
  app.get(
    '/healthz',
    {
      config: { access: 'public', rateLimit: false },
      schema: {
        operationId: 'getHealth',
        summary: 'The process answers',
        tags: TAGS,
        response: { 200: z.object({ status: z.literal('ok') }), ...PROBLEM_ANSWERS },
      },
    },
    () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      config: { access: 'public', rateLimit: false },
      schema: {
        operationId: 'getReadiness',
        summary: 'The first sources are read and the first baseline is learnt',
        tags: TAGS,
        response: { 200: z.object({ status: z.literal('ready') }), ...PROBLEM_ANSWERS },
      },
    },
    () => {
      if (!workspace.isReady()) throw new HttpProblem('not_ready');
      return { status: 'ready' as const };
    },
  );
}

/** Prometheus metrics and the API's own description. */
export function descriptionRoutes(app: Api, metrics: Metrics): void {
  app.get(
    '/metrics',
    {
      config: { access: 'read' },
      schema: { operationId: 'getMetrics', summary: 'Metrics in the Prometheus text format', tags: TAGS },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );

  app.get('/api/v1/openapi.json', { config: { access: 'read' }, schema: { hide: true } }, () =>
    app.swagger(),
  );
}
