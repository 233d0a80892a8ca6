import type { ServerCheck } from '#core/policy/dry-run/dry-run-answer.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import { failed, ok, type Result } from '#core/result.ts';
import { checkOnServer } from './dry-run.ts';
import { createKubeClient } from './kube-client.ts';
import { type ClusterChoice, readClusterLogin } from './kube-config.ts';
import { describeKubeFailure, failureOfError, KubeError } from './kube-failure.ts';
import { type LiveInventory, type LiveInventoryOptions, startLiveInventory } from './live-inventory.ts';
import { type ClusterSnapshot, readSnapshot, type SnapshotOptions } from './snapshot.ts';

/** A cluster that can be asked. Whatever goes wrong with asking is one sentence. */
export interface ClusterAccess {
  /** E.g. `https://192.0.2.1:6443`. */
  readonly server: string;
  /** Name of the context, or `in-cluster`. */
  readonly name: string;
  /** True when nobody checks that it is the server it says it is. */
  readonly isUnverified: boolean;
  /** Everything that may be read, as it is now. */
  snapshot(options?: SnapshotOptions): Promise<Result<ClusterSnapshot, string>>;
  /** What the API server says to these policies, without storing them. */
  check(
    policies: readonly NetworkPolicy[],
    onProgress?: (done: number, total: number) => void,
  ): Promise<Result<ServerCheck, string>>;
  /** Starts to list and watch. */
  watch(options: Omit<LiveInventoryOptions, 'client'>): LiveInventory;
}

/** Reads where a cluster is and how to be let in; nothing is asked yet. `agent` is what requests call themselves. */
export async function connectCluster(
  choice: ClusterChoice,
  agent: string,
): Promise<Result<ClusterAccess, string>> {
  const login = await readClusterLogin(choice);
  if (!login.ok) return login;
  const { server, name, isUnverified } = login.value;
  const client = createKubeClient(login.value, agent);
  const asked = async <T>(ask: () => Promise<T>): Promise<Result<T, string>> => {
    try {
      return ok(await ask());
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      return failed(describeKubeFailure(failureOfError(error), server));
    }
  };
  return ok({
    server,
    name,
    isUnverified,
    snapshot: (options) => asked(() => readSnapshot(client, options)),
    check: (policies, onProgress) => asked(() => checkOnServer(client, policies, onProgress)),
    watch: (options) => startLiveInventory({ ...options, client }),
  });
}
