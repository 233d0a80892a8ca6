import { Command } from 'commander';
import type { Edge } from '#core/graph/edge.ts';
import { type RecheckResult, recheck } from '#core/policy/certify/recheck.ts';
import { createProgress } from './progress.ts';
import { type ReadingOptions, readFlows, withReadingOptions } from './reading.ts';
import { EXIT, formatCount, jsonText, plural, printable } from './terminal.ts';
import type { ExportedFolder, Toolbox } from './toolbox.ts';

const EXAMPLES = `
Examples:
  bulkhead verify policies-out                          the certificate, against the files as they now stand
  bulkhead verify policies-out --flows today.log        and whether today's traffic would have been admitted

Exit code 1 when a claim of the certificate no longer holds.
`;

interface VerifyOptions extends ReadingOptions {
  readonly flows?: readonly string[];
}

async function freshEdges(tools: Toolbox, options: VerifyOptions): Promise<readonly Edge[] | undefined> {
  if (options.flows === undefined) return undefined;
  const { graph } = await readFlows(tools.terminal, options.flows, options);
  return [...graph.edges.values()];
}

function textLines(folder: ExportedFolder, result: RecheckResult): string[] {
  const problems = result.findings.filter(({ severity }) => severity === 'problem');
  const told = result.findings.map(
    ({ severity, subject, message }) =>
      `${severity === 'problem' ? 'PROBLEM' : 'note   '} ${subject}: ${message}`,
  );
  const judged = `${plural(folder.policies.length, 'policy').replace('policys', 'policies')} read, ${formatCount(result.cellsJudged)} cells and ${plural(result.conversationsJudged, 'edge')} judged`;
  const verdict =
    problems.length + folder.failures.length === 0
      ? 'the certificate holds'
      : 'the certificate does not hold';
  return [
    ...folder.failures.map((sentence) => `PROBLEM ${sentence}`),
    ...told,
    ...folder.otherKinds.map((where) => `note    ${where} is no NetworkPolicy; it was not judged`),
    `${verdict}: ${judged}`,
  ];
}

/** `bulkhead verify`: checks a certificate again, from the policies as they now stand on disk. */
export function verifyCommand(tools: Toolbox): Command {
  const command = new Command('verify')
    .description('check the certificate of an exported folder against the policies as they now stand')
    .argument('<folder>', 'what `bulkhead propose -o` wrote')
    .option('--flows <flows...>', 'also check that these conversations would be admitted')
    .addHelpText('after', EXAMPLES);
  return withReadingOptions(command).action(async (dir: string, options: VerifyOptions) => {
    const folder = await tools.readExport(dir);
    const edges = await freshEdges(tools, options);
    const { certificate, policies, failures } = folder;
    const progress = createProgress(tools.terminal);
    const onProgress = (done: number, total: number): void => progress.steps({ done, total }, 'cells judged');
    const request = { certificate, policies, hash: tools.hash, onProgress };
    const result = recheck(edges === undefined ? request : { ...request, edges });
    progress.end();
    const hasProblem = failures.length > 0 || result.findings.some(({ severity }) => severity === 'problem');
    if (options.json === true) {
      tools.terminal.out(jsonText({ holds: !hasProblem, failures, ...result }));
    } else
      tools.terminal.out(
        textLines(folder, result)
          .map((line) => `${printable(line)}\n`)
          .join(''),
      );
    process.exitCode = hasProblem ? EXIT.found : EXIT.fine;
  });
}
