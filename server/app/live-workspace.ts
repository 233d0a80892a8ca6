import type { Baseline, BaselineRecord, EdgeDecision } from '#core/baseline/baseline.ts';
import { decodeBaseline, encodeBaseline } from '#core/baseline/baseline-codec.ts';
import { toJson } from '#core/baseline/canonical-json.ts';
import { learnBaseline, withDecision } from '#core/baseline/learn.ts';
import { scopeKey } from '#core/baseline/scope-key.ts';
import type { Scope, TrainingWindow } from '#core/baseline/training-window.ts';
import { driftOf } from '#core/change/drift.ts';
import type { Finding, FindingId, FindingState, ProposalAnswer } from '#core/finding/finding.ts';
import { mergeFindings } from '#core/finding/merge-findings.ts';
import type { Coverage } from '#core/flow/coverage.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { EdgeEnds, EdgeKey } from '#core/graph/edge.ts';
import type { EdgeWindow } from '#core/graph/edge-window.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import { failed, ok, type Result } from '#core/result.ts';
import type { Change, Ledger, LedgerFailure } from './ports/ledger.ts';
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
  readonly propose: (baseline: Baseline) => Proposal;
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

/** A ledger that refuses is not survivable: what a person decided would be lost. */
export class LedgerError extends Error {
  readonly failure: LedgerFailure;

  constructor(failure: LedgerFailure) {
    super(`the ledger ${failure.path} failed: ${failure.code}`);
    this.failure = failure;
  }
}

const RULE: Pick<Change, 'actor'> = { actor: 'bulkhead' };
const KEPT = 50;

function unwrap<T>(result: Result<T, LedgerFailure>): T {
  if (!result.ok) throw new LedgerError(result.error);
  return result.value;
}

/** The running product's state: a graph that grows, what was learnt of it, and what left the pattern. */
export class LiveWorkspace implements Workspace {
  readonly mode: Workspace['mode'];
  readonly title: string;
  private readonly options: WorkspaceOptions;
  private readonly builder = new GraphBuilder();
  private readonly listeners = new Set<(change: WorkspaceChange) => void>();
  private latestCoverage: Coverage;
  private training: TrainingInput | undefined;
  private baselineRecords: readonly BaselineRecord[] = [];
  private proposalRecords: readonly ProposalRecord[] = [];
  private findingRows: readonly Finding[] = [];
  private judgement: ((ends: EdgeEnds) => ProposalAnswer) | undefined;
  private ready = false;

  constructor(options: WorkspaceOptions, coverage: Coverage) {
    this.options = options;
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
    return this.training?.scope ?? { cluster: 'default', namespaces: [], workloads: [] };
  }

  window(): TrainingWindow | undefined {
    return this.training?.window;
  }

  baseline(): BaselineRecord | undefined {
    return this.baselineRecords[0];
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
    return this.findingRows;
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

  /** Learns the first baseline, keeping what people decided about its edges before, and proposes from it. */
  async learn(input: TrainingInput): Promise<void> {
    this.training = input;
    const scope = scopeKey(input.scope);
    const { ledger, hash } = this.options;
    const previous = await this.storedBaseline(scope);
    this.findingRows = unwrap(await ledger.findings.all(scope));
    const base = { ...input, hash, version: 1 };
    const learnt = learnBaseline(previous === undefined ? base : { ...base, previous: previous.baseline });
    const isSame = previous?.baseline.id === learnt.id;
    const version = previous === undefined ? 1 : previous.baseline.version + 1;
    const record = isSame
      ? previous
      : await this.store({ ...learnt, version }, { ...RULE, reason: 'learnt from the training window' });
    this.baselineRecords = [record];
    await this.propose(record, { ...RULE, reason: 'a baseline was learnt' });
    this.ready = true;
    await this.refresh('relearnt');
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
    const findings = await this.watch();
    this.tell({ edges, findings, isRelearnt: what === 'relearnt' });
  }

  async decide(
    edge: EdgeKey,
    decision: EdgeDecision,
    because: Because,
  ): Promise<Result<BaselineRecord, DecideFailure>> {
    const current = this.baseline();
    if (current === undefined) return failed({ code: 'no_baseline' });
    const next = withDecision(current.baseline, { edge, decision, ...because }, this.options.hash);
    if (next === undefined) return failed({ code: 'unknown_edge', edge });
    const record = await this.store(next, because);
    this.baselineRecords = [record, ...this.baselineRecords].slice(0, KEPT);
    await this.propose(record, because);
    await this.refresh('relearnt');
    return ok(record);
  }

  async setFindingState(
    id: FindingId,
    state: FindingState,
    because: Because,
  ): Promise<Result<Finding, FindingFailure>> {
    const known = this.findingRows.find((finding) => finding.id === id);
    if (known === undefined) return failed({ code: 'unknown_finding', id });
    const changed = { ...known, state };
    unwrap(await this.options.ledger.findings.save(scopeKey(this.scope()), [changed], this.change(because)));
    this.findingRows = this.findingRows.map((finding) => (finding.id === id ? changed : finding));
    this.tell({ edges: [], findings: [id], isRelearnt: false });
    return ok(changed);
  }

  private change(because: Because): Change {
    return { ...because, at: this.options.clock() };
  }

  private tell(change: WorkspaceChange): void {
    for (const listener of this.listeners) listener(change);
  }

  private async storedBaseline(scope: string): Promise<BaselineRecord | undefined> {
    const stored = unwrap(await this.options.ledger.baselines.latest(scope));
    if (stored === undefined) return undefined;
    const decoded = decodeBaseline(stored.content);
    // A baseline of an older layout has nothing to hand on; it stays in the ledger as it is.
    if (!decoded.ok) return undefined;
    const { actor, recordedAt } = stored;
    return { baseline: decoded.value, actor, recordedAt };
  }

  private async store(baseline: Baseline, because: Because): Promise<BaselineRecord> {
    const change = this.change(because);
    const row = {
      id: baseline.id,
      scope: scopeKey(baseline.scope),
      version: baseline.version,
      content: encodeBaseline(baseline),
    };
    const appended = await this.options.ledger.baselines.append(row, change);
    if (!appended.ok && appended.error.code === 'version_taken') {
      return this.store({ ...baseline, version: baseline.version + 1 }, because);
    }
    if (!appended.ok) throw new LedgerError(appended.error as LedgerFailure);
    return { baseline, actor: change.actor, recordedAt: change.at };
  }

  private async propose({ baseline }: BaselineRecord, because: Because): Promise<void> {
    const proposal = this.options.propose(baseline);
    const change = this.change(because);
    const row = {
      id: proposal.id,
      scope: scopeKey(baseline.scope),
      baselineId: baseline.id,
      content: toJson(proposal),
    };
    unwrap(await this.options.ledger.proposals.append(row, change));
    const record: ProposalRecord = { proposal, state: 'draft', actor: change.actor, recordedAt: change.at };
    const older = this.proposalRecords
      .filter((each) => each.proposal.id !== proposal.id)
      .map((each) => ({ ...each, state: 'superseded' as const }));
    this.proposalRecords = [record, ...older].slice(0, KEPT);
    this.judgement = undefined;
  }

  /** Compares what was seen since the training window with the baseline; returns the ids of findings that changed. */
  private async watch(): Promise<FindingId[]> {
    const record = this.baseline();
    if (record === undefined) return [];
    const { baseline } = record;
    const current = driftOf({
      baseline,
      graph: this.graph(),
      coverage: this.latestCoverage,
      since: baseline.window.until,
      now: this.now(),
      hash: this.options.hash,
      judge: (ends) => this.proposalAnswer(ends),
    });
    const before = new Map(this.findingRows.map((finding) => [finding.id, finding]));
    const merged = mergeFindings(this.findingRows, current);
    const changed = merged.filter((finding) => !isSameFinding(before.get(finding.id), finding));
    if (changed.length > 0) {
      const change = this.change({ ...RULE, reason: 'drift' });
      unwrap(await this.options.ledger.findings.save(scopeKey(baseline.scope), changed, change));
    }
    this.findingRows = merged;
    return changed.map(({ id }) => id);
  }
}

const isSameFinding = (a: Finding | undefined, b: Finding): boolean =>
  a !== undefined &&
  a.state === b.state &&
  a.conversations === b.conversations &&
  a.lastSeenAt === b.lastSeenAt &&
  a.severity === b.severity &&
  a.explanation === b.explanation &&
  a.proposalAnswer === b.proposalAnswer;
