import { z } from 'zod';
import { ProposalDetail, ProposalSummary } from '#contract/proposal.ts';
import type { Api, ApiContext } from '../api.ts';
import { HttpProblem } from '../problem/http-problem.ts';
import { proposalDetailView, proposalSummaryView } from '../views/proposal.ts';
import { PROBLEM_ANSWERS } from './schemas.ts';

/** Proposals with their YAML and certificate. */
export function proposalRoutes(app: Api, { workspace, renderers }: ApiContext): void {
  app.get(
    '/api/v1/proposals',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listProposals',
        summary: 'Every proposal, newest first',
        tags: ['proposals'],
        response: { 200: z.array(ProposalSummary), ...PROBLEM_ANSWERS },
      },
    },
    () => workspace.proposals().map(proposalSummaryView),
  );

  app.get(
    '/api/v1/proposals/current',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getProposal',
        summary: 'The current proposal: policies as YAML, the reasons of each rule, certificate and report',
        tags: ['proposals'],
        response: { 200: ProposalDetail, ...PROBLEM_ANSWERS },
      },
    },
    () => {
      const proposal = workspace.proposal();
      if (proposal === undefined) throw new HttpProblem('no_proposal');
      return proposalDetailView(proposal, renderers);
    },
  );
}
