import { parseWorkloadId } from '#core/identity/peer.ts';
import { describeWanted, type Reading, type ReadingOptions, wantedOf } from './reading.ts';
import { plural, printable, type Terminal } from './terminal.ts';

const NAMESPACES_NAMED = 8;

function namespacesIn({ whole }: Reading): string {
  const ends = [...whole.edges.values()].flatMap(({ from, to }) => [from, to]);
  const names = new Set(
    ends.flatMap((peer) => (peer.kind === 'workload' ? [parseWorkloadId(peer.id).namespace] : [])),
  );
  const sorted = [...names].sort();
  const more = sorted.length > NAMESPACES_NAMED ? ', …' : '';
  return sorted.length === 0 ? '' : ` (in ${sorted.slice(0, NAMESPACES_NAMED).join(', ')}${more})`;
}

/** Why not a single edge is left, in one sentence; undefined when there is one. */
function whyEmpty(reading: Reading, options: ReadingOptions): string | undefined {
  const { graph, whole, coverage, outsideRange } = reading;
  if (graph.edges.size > 0) return undefined;
  if (whole.edges.size > 0) {
    const elsewhere = `${plural(whole.edges.size, 'edge')} elsewhere${namespacesIn(reading)}`;
    return `no edge touches ${describeWanted(wantedOf(options))}; the input has ${elsewhere}`;
  }
  const outside = outsideRange > 0 ? `, and ${plural(outsideRange, 'flow')} outside the range` : '';
  if (coverage.flows === 0 && outsideRange > 0)
    return `no flow lies in the range; the input has ${plural(outsideRange, 'flow')} outside it`;
  return coverage.flows === 0
    ? 'the input holds no flow'
    : `nobody was seen to talk to anybody: ${plural(coverage.flows, 'flow')} made no edge${outside}; \`bulkhead inspect\` says why`;
}

/** Says on standard error why there is nothing to show, so that an empty answer is not taken for a quiet cluster. */
export function tellEmpty(terminal: Terminal, reading: Reading, options: ReadingOptions): void {
  const why = whyEmpty(reading, options);
  if (why !== undefined) terminal.err(`bulkhead: ${printable(why)}\n`);
}
