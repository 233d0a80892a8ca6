import type { EdgeDetail, GraphSnapshot, NodeDetail } from '#contract/graph.ts';
import type {
  BaselineDetail,
  BaselineSummary,
  DecisionRequest,
  FindingView,
  Training,
} from '#contract/learning.ts';
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
