import { Command, Option } from 'commander';
import { tellEmpty } from './empty-reading.ts';
import { formatGraph, GRAPH_FORMATS, type GraphFormat } from './graph-format.ts';
import { isRefused, type ReadingOptions, readFlows, withReadingOptions } from './reading.ts';
import { EXIT, type Terminal } from './terminal.ts';

const EXAMPLES = `
Examples:
  bulkhead graph events.log
  bulkhead graph 'events*.log.gz' --namespace shop --format dot | dot -Tsvg > shop.svg
  kubectl -n kube-system exec ds/cilium -- hubble observe -o json | bulkhead graph -
`;

/** `bulkhead graph`: who talks to whom. */
export function graphCommand(terminal: Terminal): Command {
  const command = new Command('graph')
    .description('print who talks to whom, one line an edge')
    .argument('<flows...>', 'Hubble exports: files, globs, folders, or - for standard input')
    .addOption(new Option('-f, --format <format>', 'how to print it').choices(GRAPH_FORMATS).default('text'))
    .addHelpText('after', EXAMPLES);
  return withReadingOptions(command).action(
    async (inputs: string[], options: ReadingOptions & { format: GraphFormat }) => {
      const reading = await readFlows(terminal, inputs, options);
      tellEmpty(terminal, reading, options);
      terminal.out(formatGraph(reading.graph, options.json === true ? 'json' : options.format));
      process.exitCode = isRefused(reading, options) ? EXIT.unusable : EXIT.fine;
    },
  );
}
