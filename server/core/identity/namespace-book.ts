import type { FlowEndpoint } from '#core/flow/flow.ts';
import { sortedBy } from '#core/order.ts';
import { MultiIndex } from './multi-index.ts';
import type { NamespaceName } from './names.ts';
import { keyIn } from './pod-facts.ts';
import type { SeenNamespace } from './seen-pod.ts';

interface NamespaceFacts {
  readonly name: NamespaceName;
  readonly cluster: string | undefined;
  readonly labels: Map<string, string>;
}

/** The one label every namespace carries (KEP-2161), whether a flow showed it or not. */
const nameLabel = (name: NamespaceName): readonly [string, string] => ['kubernetes.io/metadata.name', name];

/** Of two values of a label the smaller stays, whichever came first. */
function addLabels(into: Map<string, string>, labels: ReadonlyMap<string, string>): void {
  for (const [key, value] of labels) {
    const before = into.get(key);
    if (before === undefined || value < before) into.set(key, value);
  }
}

/** Namespaces of each cluster with the labels the flows carried for them. */
export class NamespaceBook {
  readonly #seen = new Map<string, NamespaceFacts>();
  readonly #clusters = new MultiIndex();

  observe(name: NamespaceName, { cluster, namespaceLabels }: FlowEndpoint): void {
    const key = keyIn(cluster, name);
    const known = this.#seen.get(key) ?? { name, cluster, labels: new Map<string, string>() };
    this.#seen.set(key, known);
    if (cluster !== undefined) this.#clusters.add(name, cluster);
    addLabels(known.labels, namespaceLabels);
  }

  /** One row per namespace and cluster, in order. What named no cluster is in the only one known, else in `fallback`. */
  rows(fallback: string): SeenNamespace[] {
    const rows = new Map<string, { cluster: string; name: NamespaceName; labels: Map<string, string> }>();
    for (const { name, cluster: named, labels } of this.#seen.values()) {
      const cluster = named ?? this.#clusters.only(name) ?? fallback;
      const row = rows.get(keyIn(cluster, name)) ?? { cluster, name, labels: new Map<string, string>() };
      rows.set(keyIn(cluster, name), row);
      addLabels(row.labels, labels);
    }
    return sortedBy(rows.values(), (row) => `${row.name} ${row.cluster}`).map(
      ({ cluster, name, labels }) => ({
        cluster,
        name,
        labels: new Map(sortedBy([...labels, nameLabel(name)], ([key]) => key)),
      }),
    );
  }
}
