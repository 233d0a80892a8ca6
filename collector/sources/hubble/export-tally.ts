import type {
  BadRecords,
  NodeStatusCount,
  SourceExample,
  SourceFile,
  SourceSummary,
} from '#core/flow/source-summary.ts';
import { compareText, sortedText } from '#core/order.ts';
import { unreachable } from '#core/result.ts';
import type { DecodedRecord, FlowShape } from './decode.ts';
import type { LostEvents, NodeStatus } from './events.ts';

const MAX_EXAMPLES = 5;
/** More nodes than the largest cluster has; what is beyond is counted. */
const MAX_NODES = 20_000;
const MAX_STATES = 16;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

interface OpenBad {
  readonly code: string;
  readonly at: string | undefined;
  count: number;
  readonly examples: SourceExample[];
}

/** Counts what comes out of an export. Memory is bounded whatever the export holds. */
export class ExportTally {
  readonly #files: Mutable<SourceFile>[] = [];
  #file: Mutable<SourceFile> | undefined = undefined;
  readonly #shapes = new Map<FlowShape, number>();
  readonly #bad = new Map<string, OpenBad>();
  readonly #text: { count: number; examples: SourceExample[] } = { count: 0, examples: [] };
  readonly #lost = new Map<string, bigint>();
  readonly #nodes = new Set<string>();
  readonly #nodeStatus = new Map<string, Mutable<NodeStatusCount>>();
  #lastNode: string | undefined = undefined;
  #nodesLeftOut = 0;
  #aggregated = 0;
  #timeless = 0;
  #lostRecords = 0;
  #nodeStatusRecords = 0;
  #agentEvents = 0;
  #debugEvents = 0;
  #from = Number.POSITIVE_INFINITY;
  #until = Number.NEGATIVE_INFINITY;

  /** What follows comes from this file. The number says which it is, for {@link resumeFile}. */
  beginFile(name: string): number {
    this.#file = { name, records: 0, failure: undefined };
    return this.#files.push(this.#file) - 1;
  }

  /** What follows comes from a file that was begun before: several are read side by side. */
  resumeFile(begun: number): void {
    this.#file = this.#files[begun];
  }

  /** The current file ended before its end. */
  failFile(sentence: string): void {
    if (this.#file !== undefined) this.#file.failure = sentence;
  }

  /** One decoded piece; a bad one is counted by {@link addBad}, which wants to know where it stands. */
  add(record: Exclude<DecodedRecord, { kind: 'bad' }>): void {
    this.#countPiece();
    switch (record.kind) {
      case 'flow':
        this.#addFlow(record);
        break;
      case 'lost':
        this.#addLost(record);
        break;
      case 'node-status':
        this.#addNodeStatus(record);
        break;
      case 'agent-event':
        this.#agentEvents += 1;
        break;
      case 'debug-event':
        this.#debugEvents += 1;
        break;
      default:
        unreachable(record);
    }
  }

  /** A piece that could not be used. */
  addBad({ code, at }: Pick<BadRecords, 'code' | 'at'>, where: Omit<SourceExample, 'file'>): void {
    this.#countPiece();
    const key = `${code} ${at ?? ''}`;
    const entry = this.#bad.get(key) ?? { code, at, count: 0, examples: [] };
    this.#bad.set(key, entry);
    entry.count += 1;
    this.#keepExample(entry.examples, where);
  }

  addText(where: Omit<SourceExample, 'file'>): void {
    this.#countPiece();
    this.#text.count += 1;
    this.#keepExample(this.#text.examples, where);
  }

  #countPiece(): void {
    if (this.#file !== undefined) this.#file.records += 1;
  }

  #keepExample(examples: SourceExample[], { line, what }: Omit<SourceExample, 'file'>): void {
    const file = this.#file?.name ?? '';
    if (examples.length < MAX_EXAMPLES) examples.push({ file, line, what });
  }

  #addFlow({ flow, shape, timeless }: DecodedRecord & { readonly kind: 'flow' }): void {
    this.#shapes.set(shape, (this.#shapes.get(shape) ?? 0) + 1);
    if (flow.isAggregate) this.#aggregated += 1;
    if (flow.node !== undefined && flow.node !== this.#lastNode) this.#addNode(flow.node);
    if (timeless) {
      this.#timeless += 1;
      return;
    }
    if (flow.at < this.#from) this.#from = flow.at;
    if (flow.at > this.#until) this.#until = flow.at;
  }

  #addNode(node: string): void {
    this.#lastNode = node;
    if (this.#nodes.has(node)) return;
    if (this.#nodes.size < MAX_NODES) this.#nodes.add(node);
    else this.#nodesLeftOut += 1;
  }

  #addLost(record: LostEvents): void {
    this.#lostRecords += 1;
    const isKnown = this.#lost.has(record.source) || this.#lost.size < MAX_STATES;
    const source = isKnown ? record.source : 'other';
    this.#lost.set(source, (this.#lost.get(source) ?? 0n) + record.count);
  }

  #addNodeStatus(record: NodeStatus): void {
    this.#nodeStatusRecords += 1;
    for (const node of record.nodes) {
      const key = `${record.state} ${node}`;
      const entry = this.#nodeStatus.get(key) ?? { node, state: record.state, count: 0 };
      entry.count += 1;
      if (this.#nodeStatus.size < MAX_NODES) this.#nodeStatus.set(key, entry);
    }
  }

  /** Everything so far, sorted, as plain data. */
  summary(): SourceSummary {
    const bad: BadRecords[] = [...this.#bad.values()].map((entry) => ({
      ...entry,
      examples: [...entry.examples],
    }));
    const shapes = [...this.#shapes].map(([shape, count]) => ({ shape, count }));
    return {
      files: this.#files.map((file) => ({ ...file })),
      flows: shapes.reduce((sum, { count }) => sum + count, 0),
      shapes: shapes.sort((a, b) => b.count - a.count || compareText(a.shape, b.shape)),
      aggregatedFlows: this.#aggregated,
      timelessFlows: this.#timeless,
      badRecords: bad.reduce((sum, { count }) => sum + count, 0),
      bad: bad.sort(
        (a, b) => b.count - a.count || compareText(a.code, b.code) || compareText(a.at ?? '', b.at ?? ''),
      ),
      text: { count: this.#text.count, examples: [...this.#text.examples] },
      lostRecords: this.#lostRecords,
      lost: [...this.#lost]
        .map(([source, count]) => ({ source, count }))
        .sort((a, b) => compareText(a.source, b.source)),
      nodeStatusRecords: this.#nodeStatusRecords,
      nodeStatus: [...this.#nodeStatus.values()]
        .map((entry) => ({ ...entry }))
        .sort((a, b) => compareText(a.node, b.node) || compareText(a.state, b.state)),
      agentEvents: this.#agentEvents,
      debugEvents: this.#debugEvents,
      span: this.#until >= this.#from ? { from: this.#from, until: this.#until } : undefined,
      nodes: sortedText(this.#nodes),
      nodesLeftOut: this.#nodesLeftOut,
    };
  }
}
