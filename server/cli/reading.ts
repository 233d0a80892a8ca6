import type { Command } from 'commander';
import { parseInstant } from '#core/flow/time.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import { type NamespaceName, parseNamespaceName } from '#core/identity/names.ts';
import { type Peer, parseWorkloadId } from '#core/identity/peer.ts';
import { type Collected, collectExports } from '../../collector/main.ts';
import { createProgress } from './progress.ts';
import { plural, printable, type Terminal, UsageError } from './terminal.ts';

/** Options that every command which reads flows understands. */
export interface ReadingOptions {
  readonly from?: string;
  readonly until?: string;
  readonly namespace?: readonly string[];
  readonly cluster?: string;
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** Flows read to their end. */
export interface Reading extends Collected {
  readonly graph: ServiceGraph;
}

/** Collects the values of a repeated option. */
export const listed = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

/** Adds the options of {@link ReadingOptions} to a command. */
export function withReadingOptions(command: Command): Command {
  return command
    .option('--from <time>', 'leave out flows before this RFC 3339 time')
    .option('--until <time>', 'leave out flows at or after this RFC 3339 time')
    .option('-n, --namespace <name>', 'only what touches this namespace (repeatable)', listed)
    .option('--cluster <name>', 'the cluster of flows that name none')
    .option('--strict', 'exit with code 2 when a record could not be read')
    .option('--json', 'print JSON');
}

/** Reads an RFC 3339 time or a date of an option. */
export function instant(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const parsed = parseInstant(text) ?? parseInstant(`${text}T00:00:00Z`);
  if (parsed !== undefined) return parsed.ms;
  throw new UsageError(`${option} ${printable(text)} is no time: write it like 2026-03-02T08:00:00Z.`);
}

/** The range that `--from` and `--until` name. */
export function rangeOf(options: ReadingOptions): { from: number | undefined; until: number | undefined } {
  const range = { from: instant(options.from, '--from'), until: instant(options.until, '--until') };
  if (range.from !== undefined && range.until !== undefined && range.from >= range.until) {
    throw new UsageError('--from must be earlier than --until.');
  }
  return range;
}

/** The namespaces that `--namespace` names; empty means all. */
export function namespacesOf(options: ReadingOptions): readonly NamespaceName[] {
  return (options.namespace ?? []).map((name) => {
    const parsed = parseNamespaceName(name);
    if (parsed === undefined) throw new UsageError(`--namespace ${printable(name)} is no namespace name.`);
    return parsed;
  });
}

const isIn = (peer: Peer, namespaces: ReadonlySet<string>): boolean =>
  peer.kind === 'workload' && namespaces.has(parseWorkloadId(peer.id).namespace);

/** The part of the graph that touches the namespaces; all of it when there are none. */
function graphOf(graph: ServiceGraph, namespaces: readonly NamespaceName[]): ServiceGraph {
  if (namespaces.length === 0) return graph;
  const wanted = new Set<string>(namespaces);
  const edges = [...graph.edges].filter(([, edge]) => isIn(edge.from, wanted) || isIn(edge.to, wanted));
  return { ...graph, edges: new Map(edges) };
}

function reportInputs(terminal: Terminal, collected: Collected): void {
  for (const { message } of collected.failures) terminal.err(`bulkhead: ${printable(message)}\n`);
  const { badRecords, bad } = collected.summary;
  if (badRecords === 0) return;
  const [first] = bad.flatMap((each) => each.examples);
  const where = first === undefined ? '' : `; the first: ${first.file}:${first.line}: ${first.what}`;
  terminal.err(`bulkhead: ${plural(badRecords, 'record')} could not be read${printable(where)}\n`);
}

/** Reads what the user named. Throws {@link UsageError} when nothing at all could be read. */
export async function readFlows(
  terminal: Terminal,
  inputs: readonly string[],
  options: ReadingOptions,
): Promise<Reading> {
  const range = rangeOf(options);
  const namespaces = namespacesOf(options);
  const builder = new GraphBuilder();
  const progress = createProgress(terminal);
  const { cluster } = options;
  const onProgress = (read: { bytesRead: number; bytesTotal: number | undefined; flows: number }): void =>
    progress.bytes({ done: read.bytesRead, total: read.bytesTotal }, read.flows);
  const collected = await collectExports({ inputs, cluster, range, onProgress }, (window) =>
    builder.apply(window),
  );
  progress.end();
  reportInputs(terminal, collected);
  if (collected.summary.files.length === 0 || collected.failures.length === inputs.length) {
    if (collected.summary.flows === 0) throw new UsageError('nothing could be read.');
  }
  return { ...collected, graph: graphOf(builder.snapshot(), namespaces) };
}

/** True when `--strict` was given and something could not be read. */
export const isRefused = (reading: Collected, options: ReadingOptions): boolean =>
  options.strict === true && (reading.summary.badRecords > 0 || reading.failures.length > 0);
