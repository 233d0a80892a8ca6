import type { Command } from 'commander';
import { parseInstant } from '#core/flow/time.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import { type NamespaceName, parseNamespaceName } from '#core/identity/names.ts';
import { type Collected, collectExports } from '../../collector/main.ts';
import { isNarrowed, touches, type Wanted } from '../app/policy-questions/wanted.ts';
import { clustersOf } from '../app/scope-of.ts';
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
  /** What touches the namespaces and the cluster that were asked for. */
  readonly graph: ServiceGraph;
  /** Every edge of the input, wherever it lies. */
  readonly whole: ServiceGraph;
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
    .option('--cluster <name>', 'the cluster to look at; flows that name none belong to it')
    .option('--strict', 'exit with code 2 also when a single record could not be read')
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

const CLUSTER_MAX_LENGTH = 253;

/** The cluster that `--cluster` names, if it does. */
function clusterOf({ cluster }: ReadingOptions): string | undefined {
  if (cluster === undefined) return undefined;
  if (cluster.trim() !== '' && cluster.length <= CLUSTER_MAX_LENGTH && printable(cluster) === cluster)
    return cluster;
  throw new UsageError(
    `--cluster must be a name of 1 to ${CLUSTER_MAX_LENGTH} printable characters, the one that the flows carry.`,
  );
}

/** What `--namespace` and `--cluster` ask for. Throws {@link UsageError} for what can not be a name. */
export const wantedOf = (options: ReadingOptions): Wanted => ({
  namespaces: namespacesOf(options),
  cluster: clusterOf(options),
});

/** `cluster prod, namespaces shop and data`. */
export function describeWanted({ namespaces, cluster }: Wanted): string {
  const spaces = `namespace${namespaces.length === 1 ? '' : 's'} ${namespaces.join(' and ')}`;
  const parts = [
    ...(cluster === undefined ? [] : [`cluster ${cluster}`]),
    ...(namespaces.length === 0 ? [] : [spaces]),
  ];
  return parts.join(', ');
}

function graphOf(graph: ServiceGraph, wanted: Wanted): ServiceGraph {
  if (!isNarrowed(wanted)) return graph;
  return { ...graph, edges: new Map([...graph.edges].filter(([, edge]) => touches(wanted, edge))) };
}

const CLUSTERS_NAMED = 5;

/** `demo (13 pods) and edge (1 pod)`; undefined when no pod was seen at all. */
export function clusterNames({ world }: Collected): string | undefined {
  const clusters = clustersOf(world);
  if (clusters.length === 0) return undefined;
  const named = clusters.slice(0, CLUSTERS_NAMED).map(({ name, pods }) => `${name} (${plural(pods, 'pod')})`);
  const hidden = clusters.length - named.length;
  return `${named.join(' and ')}${hidden > 0 ? ` and ${hidden} more` : ''}`;
}

/** A name that no pod has is a slip of the pen: everything would come out empty, and look fine. */
function refuseStrangeCluster(collected: Collected, { cluster }: Wanted): void {
  const known = clusterNames(collected);
  if (cluster === undefined || known === undefined) return;
  if (clustersOf(collected.world).some(({ name }) => name === cluster)) return;
  throw new UsageError(`no pod of cluster ${cluster} is in the input; it has ${known}.`);
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
  const wanted = wantedOf(options);
  const builder = new GraphBuilder();
  const progress = createProgress(terminal);
  const { cluster } = wanted;
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
  refuseStrangeCluster(collected, wanted);
  const whole = builder.snapshot();
  return { ...collected, whole, graph: graphOf(whole, wanted) };
}

/** True when an input could not be read or not to its end, or, with `--strict`, when a record could not. */
export const isRefused = (reading: Collected, options: ReadingOptions): boolean =>
  reading.failures.length > 0 || (options.strict === true && reading.summary.badRecords > 0);
