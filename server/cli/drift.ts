import { Command } from 'commander';
import type { Baseline } from '#core/baseline/baseline.ts';
import { touchesScope } from '#core/baseline/training-window.ts';
import { driftOf } from '#core/change/drift.ts';
import { type DriftRequest, sinceOf } from '#core/change/drift-context.ts';
import type { Finding } from '#core/finding/finding.ts';
import { encodeFinding } from '#core/finding/finding-codec.ts';
import { formatInstant } from '#core/flow/time.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import { peerKey } from '#core/identity/peer.ts';
import { isNarrowed, touches, type Wanted } from '../app/policy-questions/wanted.ts';
import { judgeProposal } from '../app/proposal-judge.ts';
import { readBaseline } from './baseline-file.ts';
import {
  clusterNames,
  describeWanted,
  isRefused,
  type Reading,
  type ReadingOptions,
  readFlows,
  wantedOf,
  withReadingOptions,
} from './reading.ts';
import { EXIT, jsonText, plural, printable, type Terminal } from './terminal.ts';
import type { Toolbox } from './toolbox.ts';

const EXAMPLES = `
Examples:
  bulkhead learn events.log --until 2026-03-02T10:00:00Z -o baseline.yaml
  bulkhead drift events.log --baseline baseline.yaml

Exit code 1 when something left the pattern, 2 when the input holds nothing to compare.
`;

const ANSWERS = {
  'would-block': 'the proposal would have stopped it',
  'would-admit': 'the proposal would have let it through',
  'not-covered': 'the proposal says nothing about it',
  'no-proposal': 'there is no proposal',
} as const;

function findingLines(finding: Finding): string[] {
  return [
    `${finding.severity.padEnd(7)}${finding.title}`,
    `       ${plural(finding.conversations, 'conversation')}, first ${formatInstant(finding.firstSeenAt)}, last ${formatInstant(finding.lastSeenAt)}; ${ANSWERS[finding.proposalAnswer]}`,
    `       ${finding.explanation}`,
    ...(finding.nearestKnown === undefined ? [] : [`       nearest known: ${finding.nearestKnown}`]),
  ];
}

/** Conversations of the baseline's scope that can be held against it: those after its training window. */
function comparedOf(baseline: Baseline, graph: ServiceGraph): number {
  return [...graph.edges.values()]
    .filter(({ from, to, lastSeenAt }) => {
      return lastSeenAt >= baseline.window.until && touchesScope(baseline.scope, from, to);
    })
    .reduce((sum, edge) => sum + sinceOf(edge, baseline.window.until).conversations, 0);
}

/** Silence about what could not be judged must not pass for "no drift". */
function tellNothingCompared(tools: Toolbox, baseline: Baseline, reading: Reading): void {
  const { scope, window } = baseline;
  const about = describeWanted({ cluster: scope.cluster, namespaces: scope.namespaces });
  const { span } = reading.coverage;
  const parts = [
    `nothing was compared: no conversation of ${about} lies in a whole minute after ${formatInstant(window.until)}, where the baseline ends`,
    ...(span === undefined ? [] : [`the flows read end at ${formatInstant(span.until)}`]),
    ...(reading.outsideRange === 0 ? [] : [`${plural(reading.outsideRange, 'flow')} outside the range`]),
    `the input has ${clusterNames(reading) ?? 'no pod'}`,
  ];
  tools.terminal.err(`bulkhead: ${printable(parts.join('; '))}\n`);
}

/** A scan is one finding about many edges; it belongs to the namespaces of each of them. */
function isWanted(finding: Finding, wanted: Wanted, { baseline, graph, since }: DriftRequest): boolean {
  if (touches(wanted, finding.ends)) return true;
  if (finding.kind !== 'fan-out') return false;
  const source = peerKey(finding.ends.from);
  return [...graph.edges.values()].some(
    (edge) =>
      peerKey(edge.from) === source &&
      edge.lastSeenAt >= since &&
      !baseline.edges.has(edge.key) &&
      touches(wanted, edge),
  );
}

/** Drift is looked for in everything, since a part of the input would make the rest look silent; then narrowed. */
function findingsIn(tools: Toolbox, baseline: Baseline, reading: Reading, wanted: Wanted): Finding[] {
  const { whole: graph, coverage, world } = reading;
  const since = baseline.window.until;
  const judge = judgeProposal(
    tools.propose(baseline, () => undefined),
    world,
  );
  const now = coverage.span?.until ?? since;
  const request = { baseline, graph, coverage, since, now, hash: tools.hash, judge };
  return driftOf(request).filter((finding) => isWanted(finding, wanted, request));
}

interface Comparison {
  readonly baseline: Baseline;
  /** Conversations that were held against the baseline. */
  readonly compared: number;
  readonly findings: readonly Finding[];
}

function print(terminal: Terminal, { baseline, compared, findings }: Comparison, wanted: Wanted): void {
  const since = formatInstant(baseline.window.until);
  const where = isNarrowed(wanted) ? ` in ${describeWanted(wanted)}` : '';
  const calm = `no drift${where} since ${since}: ${plural(compared, 'conversation')} compared`;
  const none = compared === 0 ? [] : [calm];
  const lines = findings.length === 0 ? none : findings.flatMap(findingLines);
  terminal.out(lines.map((line) => `${printable(line)}\n`).join(''));
}

function plainComparison({ baseline, compared, findings }: Comparison): Record<string, unknown> {
  return {
    baseline: baseline.id,
    since: formatInstant(baseline.window.until),
    compared,
    findings: findings.map(encodeFinding),
  };
}

interface DriftOptions extends ReadingOptions {
  readonly baseline: string;
}

async function run(tools: Toolbox, inputs: readonly string[], options: DriftOptions): Promise<number> {
  const { terminal } = tools;
  const wanted = wantedOf(options);
  const baseline = await readBaseline(tools, options.baseline);
  const reading = await readFlows(terminal, inputs, options);
  const compared = comparedOf(baseline, reading.whole);
  const findings = compared === 0 ? [] : findingsIn(tools, baseline, reading, wanted);
  const comparison = { baseline, compared, findings };
  if (compared === 0) tellNothingCompared(tools, baseline, reading);
  if (options.json === true) terminal.out(jsonText(plainComparison(comparison)));
  else print(terminal, comparison, wanted);
  if (compared === 0 || isRefused(reading, options)) return EXIT.unusable;
  return findings.length > 0 ? EXIT.found : EXIT.fine;
}

/** `bulkhead drift`: what left the pattern of a baseline. */
export function driftCommand(tools: Toolbox): Command {
  const command = new Command('drift')
    .description(
      'say what left the pattern of a baseline: new edges, denied attempts, scans, edges gone silent',
    )
    .argument('<flows...>', 'Hubble exports: files, globs, folders, or - for standard input')
    .requiredOption('-b, --baseline <file>', 'a baseline that `bulkhead learn` wrote')
    .addHelpText('after', EXAMPLES);
  return withReadingOptions(command).action(async (inputs: string[], options: DriftOptions) => {
    process.exitCode = await run(tools, inputs, options);
  });
}
