import type {
  Baseline,
  BaselineEdge,
  BaselineId,
  BaselineRecord,
  EdgeDecision,
} from '#core/baseline/baseline.ts';
import type { Finding, FindingId, FindingState, ProposalAnswer } from '#core/finding/finding.ts';
import type { Flow } from '#core/flow/flow.ts';
import type { SourceSummary } from '#core/flow/source-summary.ts';
import type { Edge, EdgeKey } from '#core/graph/edge.ts';
import { describeEdge } from '#core/graph/edge.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import type { WorkloadId } from '#core/identity/peer.ts';
import { failed, ok } from '#core/result.ts';
import { createPipeline, PIPELINE_DEFAULTS, type Pipeline } from '../../collector/pipeline.ts';
import type { ProposalRecord, SourceStatus, Workspace, WorkspaceChange } from '../../server/app/workspace.ts';
import { proposalFor } from './fake-proposal.ts';
import { START } from './flows.ts';

const EMPTY_SUMMARY: SourceSummary = {
  files: [],
  flows: 0,
  shapes: [],
  aggregatedFlows: 0,
  timelessFlows: 0,
  badRecords: 0,
  bad: [],
  text: { count: 0, examples: [] },
  lostRecords: 0,
  lost: [],
  nodeStatusRecords: 0,
  nodeStatus: [],
  agentEvents: 0,
  debugEvents: 0,
  span: undefined,
  nodes: [],
  nodesLeftOut: 0,
};

/** A source that has read a little, with one bad record. */
export const sourceStatus = (more: Partial<SourceStatus> = {}): SourceStatus => ({
  name: 'events.log',
  kind: 'file',
  state: 'done',
  problem: undefined,
  bytesRead: 1024,
  bytesTotal: 1024,
  summary: {
    ...EMPTY_SUMMARY,
    flows: 3,
    shapes: [{ shape: 'wrapped', count: 3 }],
    badRecords: 1,
    bad: [
      {
        code: 'not-json',
        at: undefined,
        count: 1,
        examples: [{ file: 'events.log', line: 7, what: '{"flow"' }],
      },
    ],
    lost: [{ source: 'PERF_EVENT_RING_BUFFER', count: 2n }],
    nodeStatus: [{ node: 'node-9', state: 'NODE_GONE', count: 1 }],
    nodes: ['node-1'],
    span: { from: START, until: START + 1000 },
  },
  ...more,
});

/** A finding on an edge. */
export const findingOn = (edge: Edge, more: Partial<Finding> = {}): Finding => ({
  id: `finding-${edge.key}` as FindingId, // the only cast to FindingId here
  kind: 'new-edge',
  severity: 'medium',
  state: 'open',
  edge: edge.key,
  ends: { from: edge.from, to: edge.to, protocol: edge.protocol, port: edge.port },
  title: `New: ${describeEdge(edge)}`,
  explanation: 'It was never seen in the training window.',
  nearestKnown: undefined,
  proposalAnswer: 'would-block',
  conversations: edge.conversations.total,
  firstSeenAt: edge.firstSeenAt,
  lastSeenAt: edge.lastSeenAt,
  sample: edge.sample,
  ...more,
});

/**
 * A workspace in memory whose edges come through the real pipeline and graph. Learning here accepts every edge it has
 * and proposes one policy per server; it stands in for the application, not for the policy engine.
 */
export class FakeWorkspace implements Workspace {
  readonly mode = 'file';
  title = 'events.log';
  sourceList: readonly SourceStatus[] = [sourceStatus()];
  isReadyNow = true;
  private readonly builder = new GraphBuilder();
  private readonly pipeline: Pipeline;
  private readonly listeners = new Set<(change: WorkspaceChange) => void>();
  private readonly findingsById = new Map<FindingId, Finding>();
  private readonly baselineRecords: BaselineRecord[] = [];
  private readonly proposalRecords: ProposalRecord[] = [];

  constructor(flows: readonly Flow[] = []) {
    this.pipeline = createPipeline((window) => this.builder.apply(window), PIPELINE_DEFAULTS);
    this.see(flows);
  }

  /** Sends flows through the pipeline and tells the subscribers which edges changed. */
  see(flows: readonly Flow[]): void {
    for (const flow of flows) this.pipeline.add(flow);
    this.pipeline.flush();
    this.tell({ edges: this.builder.takeChanged() });
  }

  /** Moves edges from one workload to another, as when its kind is learnt. */
  rename(from: WorkloadId, to: WorkloadId): void {
    this.builder.rename({ kind: 'workload', id: from }, { kind: 'workload', id: to });
    this.tell({ edges: this.builder.takeChanged() });
  }

  /** Opens or replaces a finding. */
  find(finding: Finding): void {
    this.findingsById.set(finding.id, finding);
    this.tell({ findings: [finding.id] });
  }

  /** Takes every edge as normal and proposes a policy for every workload that serves one. */
  learn(): void {
    const accepted = { decision: 'accepted', reason: 'Seen in training.', actor: 'bulkhead' } as const;
    const edges = [...this.graph().edges].map(([key, edge]) => [key, { edge, ...accepted }] as const);
    this.record(new Map(edges), 'bulkhead');
    this.tell({ isRelearnt: true });
  }

  now(): number {
    return this.graph().span?.until ?? 0;
  }

  isReady = (): boolean => this.isReadyNow;
  graph = () => this.builder.snapshot();
  world = () => this.pipeline.world();
  coverage = () => this.pipeline.coverage();
  sources = () => this.sourceList;
  scope = () => ({ cluster: 'default', namespaces: [], workloads: [] });
  window = () => this.baselineRecords[0]?.baseline.window;
  baseline = () => this.baselineRecords[0];
  baselines = () => this.baselineRecords;
  proposal = () => this.proposalRecords[0];
  proposals = () => this.proposalRecords;
  findings = () => [...this.findingsById.values()];

  proposalAnswer(ends: Pick<Edge, 'from' | 'to' | 'protocol' | 'port'>): ProposalAnswer {
    const baseline = this.baselineRecords[0]?.baseline;
    if (baseline === undefined) return 'no-proposal';
    const line = describeEdge(ends);
    const known = [...baseline.edges.values()].find(({ edge }) => describeEdge(edge) === line);
    return known?.decision === 'accepted' ? 'would-admit' : 'would-block';
  }

  async decide(key: EdgeKey, decision: EdgeDecision, because: { actor: string; reason: string }) {
    const current = this.baselineRecords[0]?.baseline;
    if (current === undefined) return failed({ code: 'no_baseline' as const });
    const edge = current.edges.get(key)?.edge ?? this.graph().edges.get(key);
    if (edge === undefined) return failed({ code: 'unknown_edge' as const, edge: key });
    const record = this.record(
      new Map([...current.edges, [key, { edge, decision, ...because }]]),
      because.actor,
    );
    this.tell({ isRelearnt: true });
    return ok(record);
  }

  async setFindingState(id: FindingId, state: FindingState) {
    const finding = this.findingsById.get(id);
    if (finding === undefined) return failed({ code: 'unknown_finding' as const, id });
    const changed = { ...finding, state };
    this.find(changed);
    return ok(changed);
  }

  subscribe(listener: (change: WorkspaceChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(change: Partial<WorkspaceChange>): void {
    for (const listener of this.listeners)
      listener({ edges: [], findings: [], isRelearnt: false, ...change });
  }

  private record(edges: ReadonlyMap<EdgeKey, BaselineEdge>, actor: string): BaselineRecord {
    const version = this.baselineRecords.length + 1;
    const span = this.graph().span ?? { from: START, until: START };
    const baseline: Baseline = {
      id: `baseline-${version}` as BaselineId, // the only cast to BaselineId here
      version,
      scope: this.scope(),
      window: { from: span.from, until: span.until + 1 },
      edges,
      world: this.world(),
      coverage: this.coverage(),
      readiness: readinessOf(edges.size),
    };
    const record = { baseline, actor, recordedAt: this.now() };
    this.baselineRecords.unshift(record);
    this.proposalRecords.unshift(proposalFor(baseline, actor));
    return record;
  }
}

const readinessOf = (edges: number): Baseline['readiness'] => ({
  score: 0.5,
  unseenMass: 0.5,
  edges,
  oneShotEdges: 0,
  incidences: edges,
  windowMs: 60_000,
  hoursCovered: 1,
  hoursInSpan: 1,
  lostShare: 0,
  reasons: ['One hour is a short time to learn from.'],
});
