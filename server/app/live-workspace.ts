import type { Baseline, BaselineRecord, EdgeDecision } from '#core/baseline/baseline.ts';
import { learnBaseline, withDecision } from '#core/baseline/learn.ts';
import type { Readiness } from '#core/baseline/readiness.ts';
import { scopeKey } from '#core/baseline/scope-key.ts';
import type { Scope, TrainingWindow } from '#core/baseline/training-window.ts';
import type { Finding, FindingId, FindingState, ProposalAnswer } from '#core/finding/finding.ts';
import type { Coverage } from '#core/flow/coverage.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { EdgeEnds, EdgeKey } from '#core/graph/edge.ts';
import type { EdgeWindow } from '#core/graph/edge-window.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import { failed, ok, type Result } from '#core/result.ts';
import { FindingBook } from './finding-book.ts';
import { FirstWindow, type TrainingPlan } from './first-window.ts';
import type { Pace } from './in-slices.ts';
import { keepBaseline } from './keep-baseline.ts';
import { keepProposal } from './keep-proposal.ts';
import { unwrap } from './ledger-error.ts';
import { type History, readHistory, versionsKept, withEveryDecision } from './ledger-history.ts';
import type { Change, Ledger } from './ports/ledger.ts';
import { Proposer, type Wanted } from './proposer.ts';
import { suspectsOf } from './recalled-findings.ts';
import { Turns } from './turns.ts';
import type {
  Because,
  DecideFailure,
  FindingFailure,
  ProposalRecord,
  SourceStatus,
  Workspace,
  WorkspaceChange,
} from './workspace.ts';

/** What a workspace is given of the outside world. */
export interface WorkspaceOptions {
  readonly mode: Workspace['mode'];
  readonly title: string;
  readonly ledger: Ledger;
  /** Hash of a text as lower-case hexadecimal. */
  readonly hash: (text: string) => string;
  /** The wall clock, for records of who did what when; never for the meaning of flows. */
  readonly clock: () => EpochMs;
  /** Makes a proposal step by step. */
  readonly proposing: (baseline: Baseline) => Generator<unknown, Proposal>;
  readonly pace: Pace;
  /** Who is who at this moment. */
  readonly world: () => SeenWorld;
  readonly sources: () => readonly SourceStatus[];
  /** Answers for the proposal in the world as it is now. */
  readonly judge: (proposal: Proposal, world: SeenWorld) => (ends: EdgeEnds) => ProposalAnswer;
}

/** What the first part of a recording taught. */
export interface TrainingInput {
  readonly graph: ServiceGraph;
  readonly world: SeenWorld;
  readonly coverage: Coverage;
  readonly scope: Scope;
  readonly window: TrainingWindow;
}

const RULE: Pick<Change, 'actor'> = { actor: 'bulkhead' };

/** The running product's state: a graph that grows, what was learnt of it, and what left the pattern. */
export class LiveWorkspace implements Workspace {
  readonly mode: Workspace['mode'];
  readonly title: string;
  private readonly options: WorkspaceOptions;
  private readonly builder = new GraphBuilder();
  private readonly listeners = new Set<(change: WorkspaceChange) => void>();
  private latestCoverage: Coverage;
  private training: TrainingPlan | undefined;
  private readonly first = new FirstWindow();
  /** No edge is quiet for longer than it was watched. */
  private watchedFrom: EpochMs = 0;
  private baselineRecords: readonly BaselineRecord[] = [];
  private proposalRecords: readonly ProposalRecord[] = [];
  /** Until there is one of this run, none is current: an earlier one may be about another recording. */
  private earlierProposals: readonly ProposalRecord[] = [];
  private readonly book: FindingBook;
  private judgement: ((ends: EdgeEnds) => ProposalAnswer) | undefined;
  private ready = false;
  private unreadable = 0;
  private readonly turns = new Turns();
  private readonly proposer: Proposer;

  constructor(options: WorkspaceOptions, coverage: Coverage) {
    this.options = options;
    this.book = new FindingBook(options.ledger.findings);
    this.proposer = new Proposer({
      steps: ({ record }) => options.proposing(record.baseline),
      pace: options.pace,
      keep: (proposal, wanted) => this.turns.take(() => this.keep(proposal, wanted)),
    });
    this.mode = options.mode;
    this.title = options.title;
    this.latestCoverage = coverage;
  }

  now(): EpochMs {
    return this.latestCoverage.span?.until ?? 0;
  }

  isReady(): boolean {
    return this.ready;
  }

  graph(): ServiceGraph {
    return this.builder.snapshot();
  }

  world(): SeenWorld {
    return this.options.world();
  }

  coverage(): Coverage {
    return this.latestCoverage;
  }

  sources(): readonly SourceStatus[] {
    return this.options.sources();
  }

  scope(): Scope {
    return this.plan()?.scope ?? { cluster: 'default', namespaces: [], workloads: [] };
  }

  window(): TrainingWindow | undefined {
    return this.plan()?.window;
  }

  baseline(): BaselineRecord | undefined {
    return this.baselineRecords[0];
  }

  readinessSoFar(): Readiness | undefined {
    return this.training === undefined ? this.first.readiness(this.graph(), this.latestCoverage) : undefined;
  }

  baselines(): readonly BaselineRecord[] {
    return this.baselineRecords;
  }

  proposal(): ProposalRecord | undefined {
    return this.proposalRecords[0];
  }

  proposals(): readonly ProposalRecord[] {
    return this.proposalRecords;
  }

  findings(): readonly Finding[] {
    return this.book.all();
  }

  proposalAnswer(ends: EdgeEnds): ProposalAnswer {
    const proposal = this.proposal()?.proposal;
    if (proposal === undefined) return 'no-proposal';
    this.judgement ??= this.options.judge(proposal, this.world());
    return this.judgement(ends);
  }

  subscribe(listener: (change: WorkspaceChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Takes in what a collector sent; nobody is told before {@link refresh}. */
  apply(window: EdgeWindow): void {
    this.builder.apply(window);
    this.latestCoverage = window.coverage;
  }

  /** Says what will be learnt, and when, while the training window is open. */
  expect(plan: TrainingPlan): void {
    this.first.expect(plan);
  }

  /** Goes on with the newest baseline of an earlier run; false when there is none. */
  async resume(scope: Scope): Promise<boolean> {
    const record = await this.turns.take(() => this.resumeNow(scope));
    if (record === undefined) return false;
    await this.goLive({ record, because: { ...RULE, reason: 'an earlier baseline was taken up' } });
    return true;
  }

  /**
   * Learns the first baseline, keeping what people decided about its edges before, and proposes from it. The process
   * goes on with its other work meanwhile.
   */
  async learn(input: TrainingInput): Promise<void> {
    this.training = input;
    const record = await this.turns.take(() => this.learnNow(input));
    await this.goLive({ record, because: { ...RULE, reason: 'a baseline was learnt' } });
  }

  /** Nothing can be learnt from what was read; the rest works all the same. */
  async skipLearning(): Promise<void> {
    this.ready = true;
    await this.refresh('seen');
  }

  /** Looks for drift and tells everybody what changed since the last time. */
  async refresh(what: 'seen' | 'relearnt' = 'seen'): Promise<void> {
    const edges = this.builder.takeChanged();
    if (edges.length > 0) this.judgement = undefined;
    const findings = await this.turns.take(() => this.watch());
    this.tell({ edges, findings, isRelearnt: what === 'relearnt' });
  }

  /** Stored at once; resolves when there is a proposal for it, or for a decision that came after it. */
  async decide(
    edge: EdgeKey,
    decision: EdgeDecision,
    because: Because,
  ): Promise<Result<BaselineRecord, DecideFailure>> {
    const decided = await this.turns.take(() => this.decideNow(edge, decision, because));
    if (!decided.ok) return decided;
    const wanted = { record: decided.value, because };
    await Promise.all([this.proposer.propose(wanted), this.refresh('relearnt')]);
    await this.refresh('relearnt');
    return decided;
  }

  async setFindingState(
    id: FindingId,
    state: FindingState,
    because: Because,
  ): Promise<Result<Finding, FindingFailure>> {
    const entry = { scope: scopeKey(this.scope()), change: this.change(because) };
    const changed = await this.turns.take(() => this.book.setState(id, state, entry));
    if (changed.ok) this.tell({ edges: [], findings: [id], isRelearnt: false });
    return changed;
  }

  /** Versions and proposals of earlier runs in a layout that can not be read; they are in the ledger, and in no list. */
  unreadableHistory(): number {
    return this.unreadable;
  }

  /** Drops the proposal that is being made, so that the process can end. */
  stop(): void {
    this.proposer.stop();
  }

  private plan(): TrainingPlan | undefined {
    return this.training ?? this.first.plan;
  }

  private async goLive(wanted: Wanted): Promise<void> {
    await this.proposer.propose(wanted);
    this.ready = true;
    await this.refresh('relearnt');
  }

  private async resumeNow(scope: Scope): Promise<BaselineRecord | undefined> {
    const { ledger, pace } = this.options;
    const history = await readHistory(ledger, scopeKey(scope), pace.breathe);
    const [newest] = history.baselines;
    if (newest === undefined) return undefined;
    this.training = { scope, window: newest.baseline.window };
    this.watchedFrom = this.now();
    this.book.resume(unwrap(await ledger.findings.all(scopeKey(scope))));
    this.baselineRecords = history.baselines;
    this.earlierProposals = history.proposals;
    this.unreadable = history.unreadable;
    return newest;
  }

  private async learnNow(input: TrainingInput): Promise<BaselineRecord> {
    const scope = scopeKey(input.scope);
    const { ledger, hash, pace } = this.options;
    const history = await readHistory(ledger, scope, pace.breathe);
    // Each run of the demo tells its story from the start: what it found the last time has not happened yet.
    const stored = this.mode === 'demo' ? [] : unwrap(await ledger.findings.all(scope));
    this.book.recall(stored, this.graph());
    const suspects = suspectsOf(stored, input.graph, history.baselines);
    const version = history.latestVersion + 1;
    const base = { ...input, hash, version, suspects };
    const previous = withEveryDecision(history.baselines);
    const learnt = learnBaseline(previous === undefined ? base : { ...base, previous });
    return this.takeUp(learnt, history);
  }

  /** What was learnt is a new version, unless the newest one says the same. */
  private async takeUp(learnt: Baseline, history: History): Promise<BaselineRecord> {
    const [newest, ...older] = history.baselines;
    const isSame = newest?.baseline.id === learnt.id;
    const record = isSame
      ? newest
      : await this.store(learnt, { ...RULE, reason: 'learnt from the training window' });
    this.baselineRecords = isSame ? [newest, ...older] : [record, ...history.baselines];
    this.earlierProposals = history.proposals;
    this.unreadable = history.unreadable;
    return record;
  }

  private async decideNow(
    edge: EdgeKey,
    decision: EdgeDecision,
    because: Because,
  ): Promise<Result<BaselineRecord, DecideFailure>> {
    const current = this.baseline();
    if (current === undefined) return failed({ code: 'no_baseline' });
    const next = withDecision(current.baseline, { edge, decision, ...because }, this.options.hash);
    if (next === undefined) return failed({ code: 'unknown_edge', edge });
    const record = await this.store(next, because);
    this.baselineRecords = [record, ...this.baselineRecords].slice(0, versionsKept(next.edges.size));
    return ok(record);
  }

  private change(because: Because): Change {
    return { ...because, at: this.options.clock() };
  }

  private tell(change: WorkspaceChange): void {
    for (const listener of this.listeners) listener(change);
  }

  private store(baseline: Baseline, because: Because): Promise<BaselineRecord> {
    return keepBaseline(this.options.ledger.baselines, baseline, this.change(because));
  }

  private async keep(proposal: Proposal, { record, because }: Wanted): Promise<void> {
    const { edges } = record.baseline;
    const records = await keepProposal({
      proposal,
      known: [...this.proposalRecords, ...this.earlierProposals],
      scope: scopeKey(record.baseline.scope),
      store: this.options.ledger.proposals,
      change: this.change(because),
    });
    this.proposalRecords = records.slice(0, versionsKept(edges.size));
    this.earlierProposals = [];
    this.judgement = undefined;
  }

  /** Compares what was seen since the training window with the baseline; returns the ids of findings that changed. */
  private async watch(): Promise<FindingId[]> {
    const record = this.baseline();
    if (record === undefined) return [];
    const { baseline } = record;
    const request = {
      baseline,
      graph: this.graph(),
      coverage: this.latestCoverage,
      since: baseline.window.until,
      now: this.now(),
      watchedFrom: this.watchedFrom,
      hash: this.options.hash,
      judge: (ends: EdgeEnds) => this.proposalAnswer(ends),
    };
    const change = this.change({ ...RULE, reason: 'drift' });
    return this.book.look(request, { scope: scopeKey(baseline.scope), change });
  }
}
