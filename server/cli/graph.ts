import { Command, Option } from 'commander';
import { tellEmpty } from './empty-reading.ts';
import { formatGraph, GRAPH_FORMATS, type GraphFormat } from './graph-format.ts';
import { tellMixedClusters } from './other-clusters.ts';
import { type QueryOptions, queriedGraph, queryOf, tellNoFit, withQueryOption } from './query-option.ts';
import { isRefused, type ReadingOptions, readFlows, withReadingOptions } from './reading.ts';
import { EXIT, type Terminal } from './terminal.ts';

const EXAMPLES = `
Examples:
  bulkhead graph events.log
  bulkhead graph 'events*.log.gz' --namespace shop --format dot | dot -Tsvg > shop.svg
  bulkhead graph events.log --query 'to:data/* -verdict:allowed'      what was refused at the databases
  kubectl -n kube-system exec ds/cilium -- hubble observe -o json | bulkhead graph -
`;

interface GraphOptions extends ReadingOptions, QueryOptions {
  readonly format: GraphFormat;
}

/** `bulkhead graph`: who talks to whom. */
export function graphCommand(terminal: Terminal): Command {
  const command = new Command('graph')
    .description('print who talks to whom, one line an edge')
    .argument('<flows...>', 'Hubble exports: files, globs, folders, or - for standard input')
    .addOption(new Option('-f, --format <format>', 'how to print it').choices(GRAPH_FORMATS).default('text'))
    .addHelpText('after', EXAMPLES);
  return withQueryOption(withReadingOptions(command)).action(
    async (inputs: string[], options: GraphOptions) => {
      const query = queryOf(options);
      const reading = await readFlows(terminal, inputs, options);
      tellEmpty(terminal, reading, options);
      tellMixedClusters(terminal, reading.world, options);
      const graph = queriedGraph(reading, query);
      tellNoFit(terminal, reading.graph, graph);
      terminal.out(formatGraph(graph, options.json === true ? 'json' : options.format));
      process.exitCode = isRefused(reading, options) ? EXIT.unusable : EXIT.fine;
    },
  );
}
