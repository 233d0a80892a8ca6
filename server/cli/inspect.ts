import { Command } from 'commander';
import { SET_ASIDE_REASONS } from '#core/flow/coverage.ts';
import type { CountedExamples } from '#core/flow/source-summary.ts';
import { formatInstant } from '#core/flow/time.ts';
import { OUTCOMES, type OutcomeCounts } from '#core/graph/edge.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import { recordOf } from '#core/record.ts';
import { isNarrowed, type Wanted } from '../app/policy-questions/wanted.ts';
import {
  describeWanted,
  isRefused,
  type Reading,
  type ReadingOptions,
  readFlows,
  wantedOf,
  withReadingOptions,
} from './reading.ts';
import { EXIT, formatCount, formatDuration, jsonText, plural, printable, type Terminal } from './terminal.ts';

const EXAMPLES = `
Examples:
  bulkhead inspect events.log
  bulkhead inspect /var/run/cilium/hubble
  bulkhead inspect events.log --strict --json
`;

const WIDTH = 18;
const row = (label: string, value: string): string => `${label.padEnd(WIDTH)}${value}`;

const spanText = (span: { from: number; until: number } | undefined): string =>
  span === undefined
    ? 'unknown: no flow has a time'
    : `${formatInstant(span.from)} to ${formatInstant(span.until)} (${formatDuration(span.until - span.from)})`;

const FILES_NAMED = 3;

function filesText(names: readonly string[]): string {
  const named = names.slice(0, FILES_NAMED).join(', ');
  return names.length <= FILES_NAMED ? named || 'none' : `${formatCount(names.length)}: ${named}, …`;
}

function exampleLines({ examples }: CountedExamples): string[] {
  return examples.map(({ file, line, what }) => `    ${file}:${line}: ${what}`);
}

function recordLines({ summary }: Reading): string[] {
  const bad = summary.bad.flatMap((each) => [
    `  ${plural(each.count, 'record')}: ${each.code}${each.at === undefined ? '' : ` (${each.at})`}`,
    ...exampleLines(each),
  ]);
  return [
    row('files', filesText(summary.files.map(({ name }) => name))),
    row('flows', formatCount(summary.flows)),
    row(
      'shapes',
      summary.shapes.map(({ shape, count }) => `${shape} ${formatCount(count)}`).join(', ') || 'none',
    ),
    row('time span', spanText(summary.span)),
    row('nodes', summary.nodes.join(', ') || 'none named'),
    row(
      'other records',
      `${plural(summary.agentEvents, 'agent event')}, ${plural(summary.debugEvents, 'debug event')}, ${plural(summary.nodeStatusRecords, 'node status record')}`,
    ),
    row('other text', plural(summary.text.count, 'line')),
    ...(summary.text.count > 0 ? exampleLines(summary.text) : []),
    row('bad records', formatCount(summary.badRecords)),
    ...bad,
    row('lost events', formatCount(summary.lost.reduce((sum, each) => sum + each.count, 0n))),
    ...summary.lost.map(({ source, count }) => `  ${formatCount(count)} in ${source}`),
  ];
}

const outcomesOf = (graph: ServiceGraph): OutcomeCounts =>
  recordOf(OUTCOMES, (outcome) =>
    [...graph.edges.values()].reduce((sum, edge) => sum + edge.outcomes[outcome], 0),
  );

function edgeLines(graph: ServiceGraph): string[] {
  const outcomes = outcomesOf(graph);
  return [
    row('edges', formatCount(graph.edges.size)),
    row('outcomes', OUTCOMES.map((outcome) => `${formatCount(outcomes[outcome])} ${outcome}`).join(', ')),
  ];
}

function meaningLines({ coverage, whole, outsideRange }: Reading): string[] {
  const share =
    coverage.transportConversations === 0 ? 0 : coverage.undecidedTransport / coverage.transportConversations;
  const aside = SET_ASIDE_REASONS.filter((reason) => coverage.setAside[reason].conversations > 0).flatMap(
    (reason) => [
      `  ${plural(coverage.setAside[reason].conversations, 'conversation')}: ${reason}`,
      ...coverage.setAside[reason].examples.map((example) => `    ${example}`),
    ],
  );
  return [
    row('conversations', formatCount(coverage.conversations)),
    ...edgeLines(whole),
    row(
      'undecided',
      `${formatCount(coverage.undecidedTransport)} of ${plural(coverage.transportConversations, 'TCP or UDP conversation')} (${(share * 100).toFixed(2)} %)`,
    ),
    row('set aside', aside.length === 0 ? 'none' : ''),
    ...aside,
    row(
      'conflicts',
      `${plural(coverage.directionConflicts, 'conversation')} whose flags and reply marks disagreed`,
    ),
    row('socket records', formatCount(coverage.socketRecords)),
    ...(coverage.timeless > 0 ? [row('without a time', plural(coverage.timeless, 'flow'))] : []),
    ...(coverage.silentNodes.length > 0 ? [row('silent nodes', coverage.silentNodes.join(', '))] : []),
    ...(coverage.closedEarly > 0 ? [row('closed early', plural(coverage.closedEarly, 'conversation'))] : []),
    ...(outsideRange > 0 ? [row('outside the range', plural(outsideRange, 'flow'))] : []),
  ];
}

/** Only edges know a namespace: what was lost, undecided or set aside is told of the whole input. */
function reportLines(reading: Reading, wanted: Wanted): string[] {
  const whole = [...recordLines(reading), '', ...meaningLines(reading)];
  if (!isNarrowed(wanted)) return whole;
  return [`only ${describeWanted(wanted)}`, ...edgeLines(reading.graph), '', 'the whole input', ...whole];
}

function plainReport({ summary, coverage, graph, whole, outsideRange }: Reading, wanted: Wanted): unknown {
  const report = { summary, coverage, edges: whole.edges.size, outsideRange };
  if (!isNarrowed(wanted)) return report;
  return { ...report, only: { ...wanted, edges: graph.edges.size, outcomes: outcomesOf(graph) } };
}

/** `bulkhead inspect`: what is in an export, before anything is made of it. */
export function inspectCommand(terminal: Terminal): Command {
  const command = new Command('inspect')
    .description('say what is in an export: shapes, time span, conversations, and all that could not be used')
    .argument('<flows...>', 'Hubble exports: files, globs, folders, or - for standard input')
    .addHelpText('after', EXAMPLES);
  return withReadingOptions(command).action(async (inputs: string[], options: ReadingOptions) => {
    const reading = await readFlows(terminal, inputs, options);
    const wanted = wantedOf(options);
    if (options.json === true) terminal.out(jsonText(plainReport(reading, wanted)));
    else {
      const lines = reportLines(reading, wanted);
      terminal.out(lines.map((line) => `${printable(line).trimEnd()}\n`).join(''));
    }
    process.exitCode = isRefused(reading, options) ? EXIT.unusable : EXIT.fine;
  });
}
