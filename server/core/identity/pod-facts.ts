import type { FlowEndpoint } from '#core/flow/flow.ts';
import { compareText, sortedBy } from '#core/order.ts';
import { type Span, widen } from './latest-reports.ts';
import { type NamespaceName, type ObjectName, parseObjectName } from './names.ts';
import { type Owner, rootOwner } from './owner.ts';

/** A pod by the names it goes by; the cluster is undefined where a source named none. */
export interface PodNames {
  readonly cluster: string | undefined;
  readonly namespace: NamespaceName;
  readonly name: ObjectName;
}

export type LabelSet = { readonly labels: ReadonlyMap<string, string> } & Span;

/** What the flows said of one pod under one cluster's name, or under none; all but the names only ever widens. */
export interface PodFacts extends PodNames {
  owner: Owner;
  readonly labelSets: Map<string, LabelSet>;
  readonly ips: Map<string, Span>;
}

/** `namespace/name`: what every cluster may have one of. */
export const podText = ({ namespace, name }: Pick<PodNames, 'namespace' | 'name'>): string =>
  `${namespace}/${name}`;

/** Key of what was said under a cluster's name, of a text that has no blank in front. */
export const keyIn = (cluster: string | undefined, text: string): string => `${cluster ?? ''} ${text}`;

const labelTexts = new WeakMap<ReadonlyMap<string, string>, string>();

/** One text per set of labels, the same for equal sets. */
export function labelText(labels: ReadonlyMap<string, string>): string {
  const known = labelTexts.get(labels);
  if (known !== undefined) return known;
  const text = JSON.stringify(sortedBy(labels, ([key]) => key));
  labelTexts.set(labels, text);
  return text;
}

/** Key of a label set within its namespace. */
export const labelKey = (endpoint: FlowEndpoint): string =>
  `${endpoint.namespace ?? ''} ${labelText(endpoint.labels)}`;

/** Labels that name the application of a pod, the most deliberate first. */
const NAMING_LABELS = ['app.kubernetes.io/name', 'app', 'k8s-app', 'name'] as const;

/** The application an endpoint's labels name, where that is a valid name. */
export const applicationName = ({ labels }: FlowEndpoint): ObjectName | undefined =>
  NAMING_LABELS.map((label) => parseObjectName(labels.get(label) ?? '')).find((name) => name !== undefined);

/** A reported owner beats an inferred one; of two alike the one that sorts first. */
export function betterOwner(a: Owner, b: Owner): Owner {
  if (a.isReported !== b.isReported) return a.isReported ? a : b;
  return compareText(`${a.kind}/${a.name}`, `${b.kind}/${b.name}`) <= 0 ? a : b;
}

/** The root owner a source reported, where its names are valid. */
export function reportedOwner(endpoint: FlowEndpoint): Owner | undefined {
  const [first] = sortedBy(endpoint.workloads, (workload) => `${workload.kind}/${workload.name}`);
  const name = first === undefined ? undefined : parseObjectName(first.name);
  return first === undefined || name === undefined || !/^[A-Za-z]{1,63}$/.test(first.kind)
    ? undefined
    : rootOwner(first.kind, name);
}

function joinSpans<T extends Span>(into: Map<string, T>, from: ReadonlyMap<string, T>): void {
  for (const [key, span] of from) {
    const known = into.get(key);
    if (known === undefined) into.set(key, { ...span });
    else for (const at of [span.firstAt, span.lastAt]) widen(known, at);
  }
}

/** Label sets and addresses of one pod that was reported under its cluster's name and under none. */
export function joinedFacts(records: readonly PodFacts[]): Pick<PodFacts, 'labelSets' | 'ips'> {
  const [first, ...others] = records;
  if (first !== undefined && others.length === 0) return first;
  const joined = { labelSets: new Map<string, LabelSet>(), ips: new Map<string, Span>() };
  for (const { labelSets, ips } of records) {
    joinSpans(joined.labelSets, labelSets);
    joinSpans(joined.ips, ips);
  }
  return joined;
}
