import type { Conversation } from '#core/flow/conversation.ts';
import { createConversationTable } from '#core/flow/conversation-table.ts';
import { decideDirection } from '#core/flow/direction.ts';
import type { Flow } from '#core/flow/flow.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import { createDirectory, type Directory } from '#core/identity/directory.ts';
import { resolveEndpoint } from '#core/identity/resolve.ts';
import { createPipeline, PIPELINE_DEFAULTS, type Pipeline } from '../../collector/pipeline.ts';
import { RecordSplitter } from '../../collector/sources/files/record-splitter.ts';
import { createHubbleDecoder, type DecodedRecord } from '../../collector/sources/hubble/decode.ts';
import { LineDecoder } from '../../collector/sources/hubble/scan/decode-line.ts';
import type { LineScanner } from '../../collector/sources/hubble/scan/line-scanner.ts';
import { openScanner } from '../../collector/sources/hubble/scan/open-scanner.ts';
import { PlainScanner } from '../../collector/sources/hubble/scan/plain-scanner.ts';
import type { Export } from './data.ts';

/** Plain `JSON.parse` of lines that are strings already: what everything is compared with. */
export function parseLines({ lines }: Export): number {
  let objects = 0;
  for (const line of lines) if (typeof JSON.parse(line) === 'object') objects += 1;
  return objects;
}

function eachRecord({ chunks }: Export, take: (text: string) => void): void {
  const splitter = new RecordSplitter();
  const takeAll = (records: ReturnType<RecordSplitter['push']>): void => {
    for (const record of records) if (record.kind === 'object') take(record.text);
  };
  for (const chunk of chunks) takeAll(splitter.push(chunk));
  takeAll(splitter.finish());
}

/** As the product reads lines: from their bytes where the scanner answers for them, else parsed. */
function eachFlow(
  { chunks }: Export,
  take: (flow: Flow) => void,
  scanner: LineScanner | undefined = openScanner(),
): void {
  const parsing = createHubbleDecoder();
  const lines = scanner === undefined ? undefined : new LineDecoder(scanner);
  const splitter = new RecordSplitter<DecodedRecord>((bytes, from, to) => lines?.decode(bytes, from, to));
  const takeAll = (pieces: ReturnType<typeof splitter.push>): void => {
    for (const piece of pieces) {
      const record = piece.kind === 'object' ? parsing.decode(piece.text) : undefined;
      if (piece.kind === 'read' && piece.read.kind === 'flow') take(piece.read.flow);
      else if (record?.kind === 'flow') take(record.flow);
    }
  };
  for (const chunk of chunks) takeAll(splitter.push(chunk));
  takeAll(splitter.finish());
}

function countFlows(data: Export, scanner: LineScanner): number {
  let flows = 0;
  const count = (): void => {
    flows += 1;
  };
  eachFlow(data, count, scanner);
  return flows;
}

/** Bytes into the text of records. */
export function split(data: Export): number {
  let characters = 0;
  eachRecord(data, (text) => {
    characters += text.length;
  });
  return characters;
}

/** … and that text into plain objects: the part of decoding that the platform does. */
export function splitAndParse(data: Export): number {
  let objects = 0;
  eachRecord(data, (text) => {
    if (typeof JSON.parse(text) === 'object') objects += 1;
  });
  return objects;
}

/** … and those into flows: decoding without a scanner. */
export function decodeParsed(data: Export): number {
  const decoder = createHubbleDecoder();
  let flows = 0;
  eachRecord(data, (text) => {
    if (decoder.decode(text).kind === 'flow') flows += 1;
  });
  return flows;
}

/** Bytes into flows where there is no WebAssembly. */
export const decodePlain = (data: Export): number => countFlows(data, new PlainScanner());

/** Bytes into flows: all of decoding. */
export const decode = (data: Export): number => countFlows(data, openScanner());

/** … and endpoints into the directory of who is who. */
export function who(data: Export): Directory {
  const directory = createDirectory();
  eachFlow(data, (flow) => {
    directory.observe(flow.source, flow.at);
    directory.observe(flow.destination, flow.at);
  });
  return directory;
}

function withConversations(
  data: Export,
  close: (batch: readonly Conversation[], directory: Directory) => void,
): void {
  const directory = createDirectory();
  const table = createConversationTable();
  const { maxConversations } = PIPELINE_DEFAULTS;
  eachFlow(data, (flow) => {
    directory.observe(flow.source, flow.at);
    directory.observe(flow.destination, flow.at);
    if (flow.kind !== 'socket') table.add(flow);
    if (table.size > maxConversations) close(table.closeOldest(Math.ceil(maxConversations / 10)), directory);
  });
  close(table.close(), directory);
}

/** … and flows into conversations, with the evidence of who opened them. */
export function conversations(data: Export): number {
  let count = 0;
  withConversations(data, (batch) => {
    count += batch.length;
  });
  return count;
}

const NO_LISTENER = { isProven: false, distinctPeerPorts: 0 };

function isDecided({ a, b, evidence, firstAt: at }: Conversation, directory: Directory): boolean {
  const from = resolveEndpoint(a.endpoint, { names: a.names, directory, at });
  const to = resolveEndpoint(b.endpoint, { names: b.names, directory, at });
  const answer = decideDirection({
    evidence,
    portA: a.endpoint.port,
    portB: b.endpoint.port,
    listenerA: NO_LISTENER,
    listenerB: NO_LISTENER,
  });
  return from.peer !== undefined && to.peer !== undefined && answer.client !== undefined;
}

/** … and each finished conversation asked who its ends are and which way it went. */
export function whichWay(data: Export): number {
  let decided = 0;
  withConversations(data, (batch, directory) => {
    for (const conversation of batch) if (isDecided(conversation, directory)) decided += 1;
  });
  return decided;
}

/** What the whole path keeps. */
export interface WholePath {
  readonly pipeline: Pipeline;
  readonly graph: GraphBuilder;
}

/** … and conversations into edges, and edges into the graph: the product's own pipeline from end to end. */
export function wholePath(data: Export): WholePath {
  const graph = new GraphBuilder();
  const pipeline = createPipeline((window) => graph.apply(window));
  eachFlow(data, (flow) => pipeline.add(flow));
  pipeline.flush();
  return { pipeline, graph };
}
