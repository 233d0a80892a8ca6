import { Command } from 'commander';
import { listPorts, type PortsReport } from '#core/policy/ports/list-ports.ts';
import type { CniProfile } from '#core/policy/world.ts';
import { EXPOSED, type Exposed, filteredPorts } from '../app/policy-questions/answers/ports.ts';
import { type AskedCluster, readAskedCluster } from './asked-cluster.ts';
import { type PolicyTools, profileOption } from './policy-folder.ts';
import { type PortsShown, portsJson, portsText } from './ports-format.ts';
import { createProgress } from './progress.ts';
import { namespacesOf, type ReadingOptions, withReadingOptions } from './reading.ts';
import { EXIT, UsageError } from './terminal.ts';

const EXAMPLES = `
Examples:
  bulkhead ports manifests                             every port, and from where it can be reached
  bulkhead ports manifests events.log                  and whether anybody ever came
  bulkhead ports manifests events.log --unused         only what nobody was seen to use
  bulkhead ports manifests --exposed internet          only what leads there from outside the cluster
  bulkhead ports manifests events.log -n shop --json   one namespace, as JSON

For the cluster as it is: kubectl get deploy,sts,ds,job,cronjob,pod,svc,ing,netpol,ns -A -o yaml > cluster.yaml
`;

interface PortsOptions extends ReadingOptions {
  readonly profile?: CniProfile['name'];
  readonly unused?: boolean;
  readonly exposed?: string;
}

function exposedOf({ exposed }: PortsOptions): Exposed | undefined {
  if (exposed === undefined) return undefined;
  const known = EXPOSED.find((each) => each === exposed);
  if (known !== undefined) return known;
  throw new UsageError(`--exposed is ${EXPOSED.join(' or ')}, not ${exposed}.`);
}

function listed({ terminal }: PolicyTools, { model, profile, reading, cluster }: AskedCluster): PortsReport {
  const progress = createProgress(terminal);
  const flows = reading && { edges: reading.whole.edges.values(), cluster };
  const report = listPorts({
    model,
    profile,
    flows,
    onProgress: (done, total) => progress.steps({ done, total }, 'ports judged'),
  });
  progress.end();
  return report;
}

function shownOf(asked: AskedCluster, report: PortsReport, options: PortsOptions): PortsShown {
  const namespaces = new Set<string>(namespacesOf(options));
  const filter = { namespaces, unused: options.unused === true, exposed: exposedOf(options) };
  return { asked, total: report.ports.length, ...filteredPorts(report, filter) };
}

/** `bulkhead ports`: every way to a port of pods, who gets through it, and whether anybody ever did. */
export function portsCommand(tools: PolicyTools): Command {
  const command = new Command('ports')
    .description('list every port of a cluster: who can reach it, and whether anybody ever did')
    .argument(
      '<folder>',
      'manifests of one cluster, YAML or JSON, with their NetworkPolicies: a folder or a file',
    )
    .argument('[flows...]', 'Hubble exports: files, globs, folders, or - for standard input')
    .option('--unused', 'only ports that nobody was seen to use; needs flows')
    .option('--exposed <whom>', 'only what can be reached that far: internet or cluster')
    .addOption(profileOption('cilium with flows, kubernetes without'))
    .addHelpText('after', EXAMPLES);
  return withReadingOptions(command).action(
    async (folder: string, flows: string[], options: PortsOptions) => {
      exposedOf(options);
      if (options.unused === true && flows.length === 0)
        throw new UsageError('--unused needs flows: without any, nothing is known to be unused.');
      const asked = await readAskedCluster(tools, { folders: [folder], flows, options });
      const shown = shownOf(asked, listed(tools, asked), options);
      tools.terminal.out(options.json === true ? portsJson(shown) : portsText(shown));
      process.exitCode = asked.isComplete ? EXIT.fine : EXIT.unusable;
    },
  );
}
