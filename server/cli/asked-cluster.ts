import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import type { ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { mergedModels, modelOfSeen } from '#core/policy/cluster/model-of-flows.ts';
import { profileNamed } from '#core/policy/literal/profiles.ts';
import type { CniProfile } from '#core/policy/world.ts';
import { isCertificate } from '../app/policy-questions/placed-policies.ts';
import { scopeOf } from '../app/scope-of.ts';
import { refuseEmpty } from './manifest-problems.ts';
import { tellOtherClusters } from './other-clusters.ts';
import { type PolicyTools, tellAbout } from './policy-folder.ts';
import { isRefused, type Reading, type ReadingOptions, readFlows } from './reading.ts';
import { UsageError } from './terminal.ts';

/** What a command that asks about a whole cluster was told to look at. */
export interface ClusterQuestion {
  /** Manifests of workloads, policies or both; may be empty when there are flows. */
  readonly folders: readonly string[];
  /** Hubble exports; may be empty when there are manifests. */
  readonly flows: readonly string[];
  readonly options: ReadingOptions & { readonly profile?: CniProfile['name'] };
}

/** A cluster as manifests and flows together show it. */
export interface AskedCluster {
  /** Manifests speak first, and flows add whom these do not name; policies come from manifests alone. */
  readonly model: ClusterModel;
  readonly problems: readonly ManifestProblem[];
  /** Undefined when no flows were named. */
  readonly reading: Reading | undefined;
  /** Name of the cluster that is looked at. */
  readonly cluster: string;
  /** The one asked for; else cilium where there are flows, and kubernetes where there are none. */
  readonly profile: CniProfile;
  /** False when something could not be read and `--strict` was given, or an input not at all. */
  readonly isComplete: boolean;
}

async function fromManifests(
  tools: PolicyTools,
  folders: readonly string[],
): Promise<{ readonly model: ClusterModel; readonly problems: readonly ManifestProblem[] } | undefined> {
  if (folders.length === 0) return undefined;
  const { model, problems: all, files } = await tools.readCluster(folders);
  const problems = all.filter((problem) => !isCertificate(problem));
  refuseEmpty(folders.join(' and '), { files, problems });
  tellAbout(tools, model, problems);
  return { model, problems };
}

async function fromFlows(
  tools: PolicyTools,
  { flows, options }: ClusterQuestion,
): Promise<{ readonly reading: Reading; readonly cluster: string } | undefined> {
  if (flows.length === 0) return undefined;
  const reading = await readFlows(tools.terminal, flows, options);
  const { cluster } = scopeOf(reading.world, { cluster: options.cluster });
  tellOtherClusters(tools.terminal, reading.world, { cluster, options });
  return { reading, cluster };
}

function modelOf(manifests: ClusterModel | undefined, seen: ClusterModel | undefined): ClusterModel {
  const model = manifests && seen ? mergedModels(manifests, seen) : (manifests ?? seen);
  if (model !== undefined && model.workloads.length > 0) return model;
  throw new UsageError(
    'nobody is known: give manifests of workloads, or flows, which show who is there; policies alone do not.',
  );
}

/**
 * Reads the cluster that a question is about. Throws {@link UsageError} when nobody is known: policies alone say
 * nothing about who is there.
 */
export async function readAskedCluster(tools: PolicyTools, question: ClusterQuestion): Promise<AskedCluster> {
  const { folders, options } = question;
  const manifests = await fromManifests(tools, folders);
  const flows = await fromFlows(tools, question);
  const problems = manifests?.problems ?? [];
  const isUnread = flows !== undefined && isRefused(flows.reading, options);
  return {
    model: modelOf(manifests?.model, flows && modelOfSeen(flows.reading.world, flows.cluster)),
    problems,
    reading: flows?.reading,
    cluster: flows?.cluster ?? options.cluster ?? 'default',
    profile: profileNamed(options.profile ?? (flows === undefined ? 'kubernetes' : 'cilium')),
    isComplete: !isUnread && !(options.strict === true && problems.length > 0),
  };
}
