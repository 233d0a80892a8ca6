import { Command } from 'commander';
import type { Baseline } from '#core/baseline/baseline.ts';
import { learnBaseline } from '#core/baseline/learn.ts';
import type { Scope } from '#core/baseline/training-window.ts';
import { formatInstant } from '#core/flow/time.ts';
import { describeEdge } from '#core/graph/edge.ts';
import { describePeer } from '#core/identity/peer.ts';
import { type NamedWorkload, scopeOf, wholeWindow } from '../app/scope-of.ts';
import { writeBaseline } from './baseline-file.ts';
import { tellEmpty } from './empty-reading.ts';
import { tellOtherClusters } from './other-clusters.ts';
import {
  isRefused,
  listed,
  namespacesOf,
  type Reading,
  type ReadingOptions,
  rangeOf,
  readFlows,
  withReadingOptions,
} from './reading.ts';
import { EXIT, firstLines, jsonText, plural, printable, type Terminal, UsageError } from './terminal.ts';
import type { Toolbox } from './toolbox.ts';

const EXAMPLES = `
Examples:
  bulkhead learn events.log -o baseline.yaml
  bulkhead learn 'events*.log' --until 2026-03-02T10:00:00Z -n shop -o shop.yaml
`;

/** Options of the commands that learn. */
export interface LearningOptions extends ReadingOptions {
  /** `namespace/name` each. */
  readonly workload?: readonly string[];
}

/** Adds the options of {@link LearningOptions} that are not about reading. */
export const withScopeOptions = (command: Command): Command =>
  command.option('-w, --workload <namespace/name>', 'only this workload (repeatable)', listed);

/** The workloads that `--workload` names. */
export function workloadsOf(options: LearningOptions): readonly NamedWorkload[] {
  return (options.workload ?? []).map((text) => {
    const [namespace = '', name = '', ...more] = text.split('/');
    if (namespace === '' || name === '' || more.length > 0) {
      throw new UsageError(`--workload ${printable(text)} is no workload: write it like shop/cart.`);
    }
    return { namespace, name };
  });
}

/** Learns from everything that was read, for the cluster, namespaces and workloads that were asked for. */
export function learnFrom(tools: Toolbox, reading: Reading, options: LearningOptions): Baseline {
  const { world } = reading;
  tellEmpty(tools.terminal, reading, options);
  const workloads = workloadsOf(options);
  const scope = scopeOf(world, { cluster: options.cluster, namespaces: namespacesOf(options), workloads });
  if (workloads.length > 0 && scope.workloads.length === 0) {
    throw new UsageError('no pod of the workloads that --workload names was seen.');
  }
  tellOtherClusters(tools.terminal, world, { cluster: scope.cluster, options });
  return learnScope(tools, reading, { scope, options });
}

/** Learns from everything that was read about one scope. */
export function learnScope(
  tools: Pick<Toolbox, 'hash'>,
  reading: Reading,
  { scope, options }: { readonly scope: Scope; readonly options: LearningOptions },
): Baseline {
  // The scope narrows the baseline; what happens elsewhere still tells a scan from a visit.
  const { whole: graph, world, coverage } = reading;
  const range = rangeOf(options);
  const seen = wholeWindow(coverage.span);
  // Flows without a time belong to no narrower window than everything.
  const from = range.from ?? (coverage.timeless > 0 ? 0 : seen.from);
  const window = { from, until: range.until ?? seen.until };
  return learnBaseline({ graph, world, coverage, scope, window, hash: tools.hash, version: 1 });
}

/** Held edges shown one by one, most conversations first; a scan leaves hundreds. */
const MOST_HELD = 10;

/** What a baseline holds, and how complete it is, in a few lines. */
export function printBaseline(terminal: Terminal, baseline: Baseline): void {
  const { readiness, window, edges, scope } = baseline;
  const held = [...edges.values()]
    .filter(({ decision }) => decision === 'held')
    .sort((a, b) => b.edge.conversations.total - a.edge.conversations.total);
  const namespaces = scope.namespaces.length === 0 ? 'all namespaces' : scope.namespaces.join(', ');
  const where =
    scope.workloads.length === 0
      ? namespaces
      : scope.workloads.map((id) => describePeer({ kind: 'workload', id })).join(', ');
  const lines = [
    `${plural(edges.size, 'edge')} of cluster ${scope.cluster}, ${where}, from ${formatInstant(window.from)} to ${formatInstant(window.until)}`,
    `readiness ${Math.round(readiness.score * 100)} of 100`,
    ...readiness.reasons.map((reason) => `  ${reason}`),
    ...(held.length > 0 ? [`${plural(held.length, 'edge')} held for review`] : []),
    ...firstLines(
      held.map(({ edge, reason }) => `  ${describeEdge(edge)}: ${reason}`),
      MOST_HELD,
      (hidden) => `  and ${plural(hidden, 'more edge')} with fewer conversations`,
    ),
  ];
  terminal.out(lines.map((line) => `${printable(line)}\n`).join(''));
}

/** `bulkhead learn`: what is normal, as a file. */
export function learnCommand(tools: Toolbox): Command {
  const command = new Command('learn')
    .description('learn what is normal and write it as a baseline')
    .argument('<flows...>', 'Hubble exports: files, globs, folders, or - for standard input')
    .option('-o, --output <file>', 'where to write the baseline; - for standard output', 'baseline.yaml')
    .addHelpText('after', EXAMPLES);
  return withReadingOptions(withScopeOptions(command)).action(
    async (inputs: string[], options: LearningOptions & { output: string }) => {
      if (options.output === '-' && options.json === true)
        throw new UsageError('--json needs -o with a file.');
      const reading = await readFlows(tools.terminal, inputs, options);
      const baseline = learnFrom(tools, reading, options);
      await writeBaseline(tools, options.output, baseline);
      if (options.json === true) {
        const { id, version, scope, window, readiness } = baseline;
        tools.terminal.out(jsonText({ id, version, scope, window, readiness, edges: baseline.edges.size }));
      } else if (options.output !== '-') {
        printBaseline(tools.terminal, baseline);
        tools.terminal.out(`written to ${printable(options.output)}\n`);
      }
      process.exitCode = isRefused(reading, options) ? EXIT.unusable : EXIT.fine;
    },
  );
}
