import type { EpochMs } from './time.ts';

/** Where something stands in an input; `line` counts from 1. */
export interface SourceExample {
  readonly file: string;
  readonly line: number;
  /** What is there, short; not escaped: the place that shows it does that. */
  readonly what: string;
}

/** Something that was counted, with the first few places where it was met. */
export interface CountedExamples {
  readonly count: number;
  readonly examples: readonly SourceExample[];
}

/** Records of one kind that could not be used; `at` names the field, where one field is to blame. */
export interface BadRecords extends CountedExamples {
  readonly code: string;
  readonly at: string | undefined;
}

export interface SourceFile {
  readonly name: string;
  /** Pieces found in it, whatever they turned out to be. */
  readonly records: number;
  /** One sentence when it could not be read to its end. */
  readonly failure: string | undefined;
}

/** A change in a node's availability, as often as it was reported. */
export interface NodeStatusCount {
  readonly node: string;
  readonly state: string;
  readonly count: number;
}

/** What was in a source, counted by kind: every piece of every file is in exactly one of the counts. */
export interface SourceSummary {
  readonly files: readonly SourceFile[];
  readonly flows: number;
  /** How the flows were written, most frequent first. */
  readonly shapes: readonly { readonly shape: string; readonly count: number }[];
  /** Of the flows, those that stand for several observations. */
  readonly aggregatedFlows: number;
  /** Of the flows, those without a time. */
  readonly timelessFlows: number;
  readonly badRecords: number;
  /** By code and field, most frequent first. */
  readonly bad: readonly BadRecords[];
  /** Lines of other text between the records. */
  readonly text: CountedExamples;
  readonly lostRecords: number;
  /** Events that the source says it lost, by the buffer that overflowed; exact. */
  readonly lost: readonly { readonly source: string; readonly count: bigint }[];
  readonly nodeStatusRecords: number;
  readonly nodeStatus: readonly NodeStatusCount[];
  readonly agentEvents: number;
  readonly debugEvents: number;
  /** From the earliest to the latest flow that has a time; undefined when none has. */
  readonly span: { readonly from: EpochMs; readonly until: EpochMs } | undefined;
  /** Nodes that reported a flow, sorted. */
  readonly nodes: readonly string[];
  /** Nodes beyond the bound on the list. */
  readonly nodesLeftOut: number;
}
