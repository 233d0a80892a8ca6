import { z } from 'zod';
import { FindingStateRequest, FindingView } from '#contract/learning.ts';
import type { FindingId } from '#core/finding/finding.ts';
import type { Api, ApiContext } from '../api.ts';
import { HttpProblem } from '../problem/http-problem.ts';
import { findingView, findingViews } from '../views/findings.ts';
import { PROBLEM_ANSWERS } from './schemas.ts';

/** Findings, and their lifecycle. */
export function findingRoutes(app: Api, { workspace, read }: ApiContext): void {
  app.get(
    '/api/v1/findings',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listFindings',
        summary:
          'Everything that left the pattern, with why it is new and whether the proposal would have stopped it',
        tags: ['findings'],
        response: { 200: z.array(FindingView), ...PROBLEM_ANSWERS },
      },
    },
    () => findingViews(read()),
  );

  app.post(
    '/api/v1/findings/:id/state',
    {
      config: { access: 'change' },
      schema: {
        operationId: 'setFindingState',
        summary: 'Acknowledge, resolve or reopen a finding',
        tags: ['findings'],
        params: z.object({ id: z.string().max(512) }),
        body: FindingStateRequest,
        response: { 200: FindingView, ...PROBLEM_ANSWERS },
      },
    },
    async ({ params, body, actor }) => {
      const because = { actor: actor ?? 'local', reason: body.reason };
      const changed = await workspace.setFindingState(params.id as FindingId, body.state, because); // an unknown id fails
      if (!changed.ok) throw new HttpProblem(changed.error.code);
      return findingView(changed.value, read());
    },
  );
}
