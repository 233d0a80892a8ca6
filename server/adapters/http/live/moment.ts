import type { ProposalRecord, SourceStatus, Workspace } from '#app/workspace.ts';
