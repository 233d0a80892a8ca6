import type { Baseline } from '#core/baseline/baseline.ts';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import type { SelectorKeys } from '#core/policy/generate/inhabitants.ts';
import { selectorKeysOf } from '#core/policy/generate/selector-keys.ts';
import { isCertificate } from '../app/policy-questions/placed-policies.ts';
import { refuseEmpty } from './manifest-problems.ts';
import { tellAbout } from './policy-folder.ts';
import { UsageError } from './terminal.ts';
import type { Toolbox } from './toolbox.ts';

/** Reads the manifests that `--manifests` names; undefined without it. Throws {@link UsageError} without a controller. */
export async function readControllers(
  tools: Toolbox,
  folder: string | undefined,
): Promise<ClusterModel | undefined> {
  if (folder === undefined) return undefined;
  const { model, problems: all, files } = await tools.readCluster([folder]);
  const problems = all.filter((problem) => !isCertificate(problem));
  refuseEmpty(folder, { files, problems });
  tellAbout(tools, model, problems);
  if (model.workloads.every(({ selectorKeys }) => selectorKeys === undefined))
    throw new UsageError(`${folder} holds no Deployment or other controller with a selector.`);
  return model;
}

/** The labels that controllers of a baseline's cluster select by. */
export const selectorKeysFor = (
  model: ClusterModel | undefined,
  { scope }: Baseline,
): SelectorKeys | undefined => (model === undefined ? undefined : selectorKeysOf(model, scope.cluster));
