import { Command } from 'commander';
import { driftOf } from '#core/change/drift.ts';
import type { Finding } from '#core/finding/finding.ts';
import { encodeFinding } from '#core/finding/finding-codec.ts';
import { formatInstant } from '#core/flow/time.ts';
import { judgeProposal } from '../app/proposal-judge.ts';
import { readBaseline } from './baseline-file.ts';
import { isRefused, type ReadingOptions, readFlows, withReadingOptions } from './reading.ts';
import { EXIT, jsonText, plural, printable } from './terminal.ts';
import type { Toolbox } from './toolbox.ts';

const EXAMPLES = `
Examples:
  bulkhead learn events.log --until 2026-03-02T10:00:00Z -o baseline.yaml
  bulkhead drift events.log --baseline baseline.yaml

Exit code 1 when something left the pattern.
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

/** `bulkhead drift`: what left the pattern of a baseline. */
export function driftCommand(tools: Toolbox): Command {
  const command = new Command('drift')
    .description(
      'say what left the pattern of a baseline: new edges, denied attempts, scans, edges gone silent',
    )
    .argument('<flows...>', 'Hubble exports: files, globs, folders, or - for standard input')
    .requiredOption('-b, --baseline <file>', 'a baseline that `bulkhead learn` wrote')
    .addHelpText('after', EXAMPLES);
  return withReadingOptions(command).action(
    async (inputs: string[], options: ReadingOptions & { baseline: string }) => {
      const baseline = await readBaseline(tools, options.baseline);
      const reading = await readFlows(tools.terminal, inputs, options);
      const judge = judgeProposal(
        tools.propose(baseline, () => undefined),
        reading.world,
      );
      const { graph, coverage } = reading;
      const { until } = baseline.window;
      const findings = driftOf({
        baseline,
        graph,
        coverage,
        since: until,
        now: coverage.span?.until ?? until,
        hash: tools.hash,
        judge,
      });
      if (options.json === true) tools.terminal.out(jsonText(findings.map(encodeFinding)));
      else {
        const lines =
          findings.length === 0 ? [`no drift since ${formatInstant(until)}`] : findings.flatMap(findingLines);
        tools.terminal.out(lines.map((line) => `${printable(line)}\n`).join(''));
      }
      process.exitCode = isRefused(reading, options)
        ? EXIT.unusable
        : findings.length > 0
          ? EXIT.found
          : EXIT.fine;
    },
  );
}
