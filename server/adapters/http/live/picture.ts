import type { GraphEdge, GraphMinute, GraphNode, GraphSnapshot } from '#contract/graph.ts';
import type { FindingView } from '#contract/learning.ts';
import type { EdgeTick, GraphDelta, SocketSnapshot } from '#contract/socket.ts';
import { minuteOf } from '#core/flow/time.ts';
import type { EdgeKey } from '#core/graph/edge.ts';
import { edgeView } from '../views/edges.ts';
import { findingViews } from '../views/findings.ts';
import { nodeViews } from '../views/nodes.ts';
import { pictureView } from '../views/snapshot.ts';
import { trustView } from '../views/trust.ts';
import { minuteChanges, minuteViews } from './minutes.ts';
import type { Moment } from './moment.ts';

const NOTHING: ReadonlySet<string> = new Set();

/** True for equal plain values, and for lists of equal ones in the same order. */
const isEqual = (a: unknown, b: unknown): boolean =>
  a === b ||
  (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, at) => each === b[at]));

/**
 * True when two records of plain values and lists of them hold the same, but for the fields that do not count. A field
 * that only one of them has counts as undefined in the other.
 */
function isSame<T extends object>(a: T, b: T, except = NOTHING): boolean {
  for (const key in a) if (!except.has(key) && !isEqual(a[key], b[key])) return false;
  for (const key in b) if (!except.has(key) && !(key in a) && b[key] !== undefined) return false;
  return true;
}

/** What a tick carries; a change of any other field sends the edge in full. */
const TICK_FIELDS: ReadonlySet<string> = new Set([
  'conversations',
  'denied',
  'ratePerMinute',
  'lastSeenAt',
] satisfies (keyof GraphEdge)[]);

const tickOf = (edge: GraphEdge): EdgeTick => [
  edge.id,
  edge.conversations,
  edge.denied,
  edge.ratePerMinute,
  edge.lastSeenAt,
];

interface EdgeChanges {
  readonly edges: GraphEdge[];
  readonly ticks: EdgeTick[];
  readonly removedEdges: number[];
}

/**
 * What the sockets were told so far. A snapshot is always the picture of the last delta and never a newer one, so that
 * a snapshot with the deltas after it is exactly the next snapshot.
 */
export class Picture {
  private seq = 0;
  private moment: Pick<Moment, 'now' | 'baseline' | 'proposal'>;
  private header: Omit<GraphSnapshot, 'seq' | 'now' | 'nodes' | 'edges' | 'minutes'>;
  private nodes: Map<string, GraphNode>;
  private readonly edges: Map<EdgeKey, GraphEdge>;
  private minutes: GraphMinute[];
  private findings: Map<string, FindingView>;

  constructor(moment: Moment) {
    const { nodes, edges, minutes, now, ...header } = pictureView(moment);
    this.moment = { now, baseline: moment.baseline, proposal: moment.proposal };
    this.header = header;
    this.nodes = new Map(nodes.map((node) => [node.id, node]));
    this.edges = new Map(edges.map((edge) => [edge.key as EdgeKey, edge]));
    this.minutes = minutes;
    this.findings = new Map(findingViews(moment).map((finding) => [finding.id, finding]));
  }

  /** The number of the last delta. */
  get lastSeq(): number {
    return this.seq;
  }

  snapshot(): SocketSnapshot {
    const nodes = [...this.nodes.values()];
    const edges = [...this.edges.values()];
    const { seq, minutes } = this;
    const graph = { ...this.header, seq, now: this.moment.now, nodes, edges, minutes };
    return { graph, findings: [...this.findings.values()] };
  }

  /** Moves on to a newer moment. `touched` names edges that may differ; what else may differ is found here. */
  advance(moment: Moment, touched: ReadonlySet<EdgeKey>): GraphDelta {
    const changes = this.advanceEdges(moment, this.candidates(moment, touched));
    const delta = {
      seq: this.seq + 1,
      now: moment.now,
      ...this.advanceNodes(moment),
      ...changes,
      minutes: this.advanceMinutes(moment, touched),
      trust: trustView(moment),
      findings: this.advanceFindings(moment),
    };
    const { mode, title, graph, window } = moment;
    this.header = {
      mode,
      title,
      span: graph.span === undefined ? null : { ...graph.span },
      trainingWindow: window === undefined ? null : { from: window.from, until: window.until },
      trust: delta.trust,
    };
    this.seq = delta.seq;
    this.moment = { now: moment.now, baseline: moment.baseline, proposal: moment.proposal };
    return delta;
  }

  /** True when the baseline or the proposal is another one than at the last delta. */
  isRelearnt(moment: Moment): boolean {
    const { baseline, proposal } = this.moment;
    return (
      baseline?.baseline.id !== moment.baseline?.baseline.id ||
      proposal?.proposal.id !== moment.proposal?.proposal.id
    );
  }

  /** A rate decays from minute to minute without any traffic, and a finding changes an edge that is quiet: both are looked at each time. */
  private candidates(moment: Moment, touched: ReadonlySet<EdgeKey>): Iterable<EdgeKey> {
    const keys = new Set(touched);
    const isEverything = this.isRelearnt(moment);
    const isNextMinute = minuteOf(moment.now) !== minuteOf(this.moment.now);
    for (const [key, edge] of this.edges) {
      if (isEverything || edge.findings > 0 || (isNextMinute && edge.ratePerMinute > 0)) keys.add(key);
    }
    for (const key of moment.findingsByEdge.keys()) keys.add(key);
    if (isEverything) for (const key of moment.graph.edges.keys()) keys.add(key);
    return keys;
  }

  private advanceEdges(moment: Moment, candidates: Iterable<EdgeKey>): EdgeChanges {
    const changes: EdgeChanges = { edges: [], ticks: [], removedEdges: [] };
    for (const key of candidates) {
      const before = this.edges.get(key);
      const edge = moment.graph.edges.get(key);
      const after = edge === undefined ? undefined : edgeView(edge, moment);
      if (before !== undefined && before.id !== after?.id) changes.removedEdges.push(before.id);
      if (after === undefined) this.edges.delete(key);
      else {
        this.edges.set(key, after);
        noteEdge(changes, before, after);
      }
    }
    return changes;
  }

  /** Minutes change only with edges, or when a new minute pushes the oldest out. */
  private advanceMinutes(moment: Moment, touched: ReadonlySet<EdgeKey>): GraphMinute[] {
    if (touched.size === 0 && minuteOf(moment.now) === minuteOf(this.moment.now)) return [];
    const before = this.minutes;
    this.minutes = minuteViews(moment);
    return minuteChanges(before, this.minutes);
  }

  private advanceNodes(moment: Moment): Pick<GraphDelta, 'nodes' | 'removedNodes'> {
    const before = this.nodes;
    this.nodes = new Map(nodeViews(moment));
    const changed = [...this.nodes.values()].filter((node) => {
      const known = before.get(node.id);
      return known === undefined || !isSame(known, node);
    });
    return { nodes: changed, removedNodes: [...before.keys()].filter((id) => !this.nodes.has(id)) };
  }

  private advanceFindings(moment: Moment): FindingView[] {
    const before = this.findings;
    const all = findingViews(moment);
    this.findings = new Map(all.map((finding) => [finding.id, finding]));
    return all.filter((finding) => {
      const known = before.get(finding.id);
      return known === undefined || !isSame(known, finding);
    });
  }
}

function noteEdge(changes: EdgeChanges, before: GraphEdge | undefined, after: GraphEdge): void {
  if (before === undefined || !isSame(before, after, TICK_FIELDS)) changes.edges.push(after);
  else if (!isSame(before, after)) changes.ticks.push(tickOf(after));
}
