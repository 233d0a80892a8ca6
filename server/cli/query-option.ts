import type { Command } from 'commander';
import { MINUTE_MS } from '#core/flow/time.ts';
import type { Edge } from '#core/graph/edge.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import type { Peer } from '#core/identity/peer.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import { testOf } from '#core/query/match-query.ts';
import { parseQuery } from '#core/query/parse-query.ts';
import type { QueryFault, QueryNode } from '#core/query/query.ts';
import { queryEdgeOf } from '#core/query/query-edge.ts';
import type { Reading } from './reading.ts';
import { plural, type Terminal, UsageError } from './terminal.ts';

/** The option of commands whose edges a query can narrow. */
export interface QueryOptions {
  readonly query?: string;
}

/** Adds `--query` to a command. */
export const withQueryOption = (command: Command): Command =>
  command.option('--query <text>', "only edges that fit, e.g. 'from:shop/* port:5432 -verdict:denied'");

/** The query with a mark under the fault; what can not be printed is one `?`, so that the mark stays in its place. */
function excerptOf(text: string, { start, end }: QueryFault): readonly string[] {
  const shown = text.replace(/[^\x20-\x7e]/g, '?');
  return [shown, `${' '.repeat(start)}${'^'.repeat(Math.max(1, end - start))}`];
}

/** True when some condition asks what only a baseline can answer. */
function asksForNews(node: QueryNode): boolean {
  if (node.kind === 'term') return node.field === 'new';
  return node.kind === 'not' ? asksForNews(node.of) : node.of.some(asksForNews);
}

function parsed(text: string): QueryNode {
  const query = parseQuery(text);
  if (!query.ok)
    throw new UsageError(`--query can not be read. ${query.error.message}`, excerptOf(text, query.error));
  if (asksForNews(query.value))
    throw new UsageError(
      '--query asks for new:, and a recording alone has no baseline to be new against; use `bulkhead drift`.',
    );
  return query.value;
}

function labelsOf(world: SeenWorld): (peer: Peer) => readonly string[] | undefined {
  const labels = new Map<string, Set<string>>();
  for (const { workload, labels: own } of world.pods) {
    const known = labels.get(workload) ?? new Set();
    labels.set(workload, known);
    for (const [key, value] of own) known.add(`${key}=${value}`);
  }
  return (peer) => (peer.kind === 'workload' ? [...(labels.get(peer.id) ?? [])] : undefined);
}

/** Conversations a minute over the whole recording: one that was seen once is not fast. */
function rateOf({ span }: ServiceGraph): (edge: Edge) => number {
  const minutes = span === undefined ? 1 : Math.max(1, (span.until - span.from) / MINUTE_MS);
  return ({ conversations }) => conversations.total / minutes;
}

/** Checks `--query` before anything is read. Throws {@link UsageError} with the place of the fault. */
export function queryOf({ query }: QueryOptions): QueryNode | undefined {
  return query === undefined ? undefined : parsed(query);
}

/** Says on standard error that nothing fits, so that an empty answer is not taken for a quiet cluster. */
export function tellNoFit(terminal: Terminal, all: ServiceGraph, fitting: ServiceGraph): void {
  if (fitting.edges.size === 0 && all.edges.size > 0)
    terminal.err(`bulkhead: none of ${plural(all.edges.size, 'edge')} fits the query\n`);
}

/** The edges of a reading that fit the query; all of them without one. */
export function queriedGraph(
  { graph, world }: Pick<Reading, 'graph' | 'world'>,
  query: QueryNode | undefined,
): ServiceGraph {
  if (query === undefined) return graph;
  const fits = testOf(query);
  const facts = { labelsOf: labelsOf(world), isNew: () => undefined, rateOf: rateOf(graph) };
  return {
    ...graph,
    edges: new Map([...graph.edges].filter(([, edge]) => fits(queryEdgeOf(edge, facts)))),
  };
}
