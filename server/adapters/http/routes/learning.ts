import { z } from 'zod';
import {
  BaselineDetail,
  BaselineSummary,
  DecisionAnswer,
  DecisionRequest,
  Training,
} from '#contract/learning.ts';
import type { EdgeKey } from '#core/graph/edge.ts';
import type { Api, ApiContext } from '../api.ts';
import { HttpProblem } from '../problem/http-problem.ts';
import { baselineDetailView, baselineSummaryView, trainingView } from '../views/training.ts';
import { PROBLEM_ANSWERS } from './schemas.ts';

const TAGS = ['learning'];

/** What is being learnt. */
export function trainingRoutes(app: Api, { read }: ApiContext): void {
  app.get(
    '/api/v1/training',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getTraining',
        summary: 'The training window, the current baseline and its readiness',
        tags: TAGS,
        response: { 200: Training, ...PROBLEM_ANSWERS },
      },
    },
    () => trainingView(read()),
  );
}

/** Baselines, read. */
export function baselineRoutes(app: Api, { workspace }: ApiContext): void {
  app.get(
    '/api/v1/baselines',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listBaselines',
        summary: 'Every version of the baseline, newest first',
        tags: TAGS,
        response: { 200: z.array(BaselineSummary), ...PROBLEM_ANSWERS },
      },
    },
    () => workspace.baselines().map(baselineSummaryView),
  );

  app.get(
    '/api/v1/baselines/current',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getBaseline',
        summary: 'The current baseline with its edges and what was decided about each',
        tags: TAGS,
        response: { 200: BaselineDetail, ...PROBLEM_ANSWERS },
      },
    },
    () => {
      const baseline = workspace.baseline();
      if (baseline === undefined) throw new HttpProblem('no_baseline');
      return baselineDetailView(baseline);
    },
  );
}

/** A person's word on an edge. */
export function decisionRoutes(app: Api, { workspace }: ApiContext): void {
  app.post(
    '/api/v1/baselines/current/decisions',
    {
      config: { access: 'change' },
      schema: {
        operationId: 'decideEdge',
        summary: 'Accept, reject or hold an edge: makes a new baseline and a new proposal',
        tags: TAGS,
        body: DecisionRequest,
        response: { 200: DecisionAnswer, ...PROBLEM_ANSWERS },
      },
    },
    async ({ body, actor }) => {
      const because = { actor: actor ?? 'local', reason: body.reason };
      const decided = await workspace.decide(body.edge as EdgeKey, body.decision, because); // an unknown key fails
      if (!decided.ok) throw new HttpProblem(decided.error.code);
      const proposal = workspace.proposal();
      if (proposal === undefined) throw new HttpProblem('no_proposal');
      return { baseline: baselineSummaryView(decided.value), proposalId: proposal.proposal.id };
    },
  );
}
