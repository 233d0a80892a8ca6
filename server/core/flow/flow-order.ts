import { compareText, sortedBy } from '#core/order.ts';
import type { Flow, FlowEndpoint } from './flow.ts';

const describeEndpoint = ({ cluster, namespace, pod, identity, ip, port }: FlowEndpoint): string =>
  `${cluster ?? ''}/${namespace ?? ''}/${pod ?? ''}/${identity ?? ''} ${ip ?? ''}:${port ?? ''}`;

const pairs = (map: ReadonlyMap<string, string>): unknown => sortedBy(map, ([key]) => key);

const endpointDetails = ({ workloads, labels, namespaceLabels, entities, names }: FlowEndpoint): unknown => [
  workloads.map(({ kind, name }) => [kind, name]),
  pairs(labels),
  pairs(namespaceLabels),
  entities,
  names,
];

/** Everything that the cheaper comparisons leave out. */
const details = (flow: Flow): string =>
  JSON.stringify([
    flow.protocol,
    flow.node,
    flow.dropReason,
    flow.tcpFlags,
    flow.icmpType,
    flow.reply,
    flow.direction,
    flow.isNew,
    flow.l7,
    flow.service,
    flow.allowedBy,
    flow.deniedBy,
    flow.count,
    flow.isAggregate,
    endpointDetails(flow.source),
    endpointDetails(flow.destination),
  ]);

/** Orders flows of the same instant by what they say, the cheapest comparison first. */
function compareContents(a: Flow, b: Flow): number {
  return (
    compareText(a.uuid ?? '', b.uuid ?? '') ||
    compareText(describeEndpoint(a.source), describeEndpoint(b.source)) ||
    compareText(describeEndpoint(a.destination), describeEndpoint(b.destination)) ||
    compareText(a.kind, b.kind) ||
    compareText(a.verdict, b.verdict) ||
    compareText(details(a), details(b))
  );
}

/**
 * Orders flows by time and, at the same instant, by everything else: 0 only for flows that say the same. Which of many
 * flows is kept as evidence then never depends on the order in which they came.
 */
export function compareFlows(a: Flow, b: Flow): number {
  if (a === b) return 0;
  return a.at - b.at || a.atNanos - b.atNanos || compareContents(a, b);
}
