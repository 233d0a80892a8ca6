import type { QueryVocabulary } from '#core/query/complete-query.ts';
import type { LiveGraph } from './live-graph.ts';

/** What queries can be completed with: everything the graph shows. */
export function vocabularyOf(graph: LiveGraph): QueryVocabulary {
  const nodes = [...graph.nodesById.values()];
  const edges = [...graph.edgesById.values()];
  const distinct = (values: Iterable<string>): readonly string[] => [...new Set(values)];
  const workloads = nodes.filter(({ kind }) => kind === 'workload');
  const names = distinct(
    nodes.map(({ namespace, label }) => (namespace === undefined ? label : `${namespace}/${label}`)),
  );
  return {
    from: names,
    to: names,
    either: names,
    ns: distinct(workloads.flatMap(({ namespace }) => namespace ?? [])),
    workload: distinct(workloads.map(({ namespace, label }) => `${namespace}/${label}`)),
    label: distinct(nodes.flatMap(({ labels }) => labels ?? [])),
    port: distinct(edges.map(({ port }) => String(port))),
    policy: distinct(edges.flatMap(({ policies }) => policies ?? [])),
    fqdn: distinct(nodes.filter(({ kind }) => kind === 'fqdn').map(({ label }) => label)),
    cidr: distinct(nodes.filter(({ kind }) => kind === 'cidr').map(({ label }) => label)),
  };
}
