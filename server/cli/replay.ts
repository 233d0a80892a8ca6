import { Command } from 'commander';
import { populationOfSeen } from '#core/policy/explain/population.ts';
import { profileNamed } from '#core/policy/literal/profiles.ts';
import { type ReplayResult, replay } from '#core/policy/replay/replay.ts';
import type { CniProfile } from '#core/policy/world.ts';
import { scopeOf } from '../app/scope-of.ts';
import { tellEmpty } from './empty-reading.ts';
import { tellOtherClusters } from './other-clusters.ts';
import { type PolicyTools, profileOption, readPolicyFolder } from './policy-folder.ts';
import { createProgress } from './progress.ts';
import { type QueryOptions, queriedGraph, queryOf, tellNoFit, withQueryOption } from './query-option.ts';
import { isRefused, type Reading, type ReadingOptions, readFlows, withReadingOptions } from './reading.ts';
import { replayJson, replayText } from './replay-format.ts';
import { EXIT } from './terminal.ts';

const EXAMPLES = `
Examples:
  bulkhead replay policies-out events.log                 what these policies would have blocked
  bulkhead replay current.yaml 'events*.log.gz'           of the cluster as it is: kubectl get netpol -A -o yaml
  bulkhead replay policies events.log -n shop --json      only what touches one namespace, as JSON
  bulkhead replay policies events.log --query 'from:shop/* -port:53'
  hubble observe -o json | bulkhead replay policies -     a minute before they are applied

Exit code 1 when something would have been blocked.
`;

interface ReplayOptions extends ReadingOptions, QueryOptions {
  readonly profile?: CniProfile['name'];
}

function exitOf(result: ReplayResult, isBad: boolean): number {
  if (isBad) return EXIT.unusable;
  return result.blocked.length > 0 ? EXIT.found : EXIT.fine;
}

function replayed(tools: PolicyTools, reading: Reading, judged: Judged): ReplayResult {
  const { folder, profile, cluster } = judged;
  const progress = createProgress(tools.terminal);
  const result = replay({
    edges: reading.graph.edges.values(),
    population: populationOfSeen(reading.world, cluster, profile),
    policies: folder.policies.map(({ policy }) => policy),
    profile,
    onProgress: (done, total) => progress.steps({ done, total }, 'edges judged'),
  });
  progress.end();
  return result;
}

interface Judged {
  readonly folder: Awaited<ReturnType<typeof readPolicyFolder>>;
  readonly profile: CniProfile;
  readonly cluster: string;
}

/** `bulkhead replay`: which conversations of a recording a set of policies would have blocked. */
export function replayCommand(tools: PolicyTools): Command {
  const command = new Command('replay')
    .description('say which recorded conversations a folder of NetworkPolicies would have blocked')
    .argument('<policies>', 'NetworkPolicies, YAML or JSON, whoever wrote them: a folder or a file')
    .argument('<flows...>', 'Hubble exports: files, globs, folders, or - for standard input')
    .addOption(profileOption('cilium, where the flows come from'))
    .addHelpText('after', EXAMPLES);
  return withQueryOption(withReadingOptions(command)).action(
    async (dir: string, inputs: string[], options: ReplayOptions) => {
      const query = queryOf(options);
      const folder = await readPolicyFolder(tools, dir);
      const all = await readFlows(tools.terminal, inputs, options);
      tellEmpty(tools.terminal, all, options);
      const reading = { ...all, graph: queriedGraph(all, query) };
      tellNoFit(tools.terminal, all.graph, reading.graph);
      const profile = profileNamed(options.profile ?? 'cilium');
      const { cluster } = scopeOf(reading.world, { cluster: options.cluster });
      tellOtherClusters(tools.terminal, reading.world, { cluster, options });
      const result = replayed(tools, reading, { folder, profile, cluster });
      const shown = { folder, reading, result, profile, cluster };
      tools.terminal.out(options.json === true ? replayJson(shown) : replayText(tools, shown));
      const isBad = options.strict === true && folder.problems.length > 0;
      process.exitCode = exitOf(result, isBad || isRefused(reading, options));
    },
  );
}
