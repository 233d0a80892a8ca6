import type { EdgeDetail, GraphSnapshot, NodeDetail } from '#contract/graph.ts';
import type {
  BaselineDetail,
  BaselineSummary,
  DecisionRequest,
  FindingView,
  Training,
} from '#contract/learning.ts';
import type { ExplainAnswer } from '#contract/policy-answers.ts';
import type { BlastAnswer } from '#contract/policy-answers-reach.ts';
import type { BlastQuestion, ExplainQuestion } from '#contract/policy-questions.ts';
import type { Problem } from '#contract/problem.ts';
import type { ProposalDetail, ProposalSummary } from '#contract/proposal.ts';
import type { GraphDelta, SocketSnapshot } from '#contract/socket.ts';
import type { SourceHealth } from '#contract/source.ts';
import type { Result } from '#core/result.ts';

/** Why a request gave no answer. */
export type RequestFailure =
  /** The server said no, and why. */
  | { readonly code: 'problem'; readonly problem: Problem; readonly path: string }
  /** Nobody answered. */
  | { readonly code: 'unreachable'; readonly path: string; readonly detail: string }
  /** An answer in a shape this page does not know: page and server are of different versions. */
  | { readonly code: 'unknown_shape'; readonly path: string; readonly detail: string };

/** True when the server wants a login first; a wrong token is another refusal. */
export const isLoginRequired = (failure: RequestFailure): boolean =>
  failure.code === 'problem' && failure.problem.code === 'login_required';

/** Why a connection is allowed or denied. */
export type Explained = (typeof ExplainAnswer)['_zod']['output'];

/** What a compromised pod reaches. */
export type Blast = (typeof BlastAnswer)['_zod']['output'];

/** Questions about policies that the page asks: what goes in, and what comes out. */
export interface PolicyQuestions {
  readonly explain: { readonly body: (typeof ExplainQuestion)['_zod']['input']; readonly answer: Explained };
  readonly blast: { readonly body: (typeof BlastQuestion)['_zod']['input']; readonly answer: Blast };
}

/** An answer, and how much of each of its long lists it holds. */
export interface Asked<T> {
  readonly lists: readonly { readonly name: string; readonly shown: number; readonly total: number }[];
  readonly answer: T;
}

export type Answer<T> = Promise<Result<T, RequestFailure>>;

/** What the page asks of the server; ids are plain text, encoding is the adapter's business. */
export interface Api {
  graph(): Answer<GraphSnapshot>;
  edge(id: number): Answer<EdgeDetail>;
  node(id: string): Answer<NodeDetail>;
  training(): Answer<Training>;
  baselines(): Answer<readonly BaselineSummary[]>;
  currentBaseline(): Answer<BaselineDetail>;
  decide(request: DecisionRequest): Answer<{ readonly proposalId: string }>;
  proposals(): Answer<readonly ProposalSummary[]>;
  currentProposal(): Answer<ProposalDetail>;
  setFindingState(id: string, request: FindingStateChange): Answer<FindingView>;
  sources(): Answer<readonly SourceHealth[]>;
  /** Asks about policies; changes nothing. The server drops the question when `signal` aborts. */
  ask<Name extends keyof PolicyQuestions>(
    question: Name,
    body: PolicyQuestions[Name]['body'],
    signal?: AbortSignal,
  ): Answer<Asked<PolicyQuestions[Name]['answer']>>;
  /** Trades the access token for a session, which the browser keeps in a cookie that no script can read. */
  logIn(token: string): Answer<undefined>;
  logOut(): Answer<undefined>;
  /** True when the server knows logins by token at all. */
  hasLogin(): Answer<boolean>;
}

export interface FindingStateChange {
  readonly state: 'open' | 'acknowledged' | 'resolved';
  readonly reason: string;
}

/** What the page hears without asking. */
export interface LiveListener {
  snapshot(snapshot: SocketSnapshot): void;
  delta(delta: GraphDelta): void;
  /** A new baseline or proposal took the place of the old one. */
  learning(): void;
  connected(): void;
  /** The line is down; `detail` is one sentence for a person. */
  disconnected(detail: string): void;
}

/** The open line to the server. */
export interface LiveLine {
  /** Asks for a snapshot, after a number was missed. */
  resync(): void;
  close(): void;
}
