import { Option } from 'commander';
import { type ClusterAccess, connectCluster } from '../../collector/main.ts';
import { printable, type Terminal, UsageError } from './terminal.ts';

/** Which cluster a command asks; nothing given means the one `kubectl` would ask. */
export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Options of every command that can ask a cluster. */
export const clusterFlagOptions = (): readonly Option[] => [
  new Option('--kubeconfig <file>', 'how to reach the cluster (default: KUBECONFIG, else ~/.kube/config)'),
  new Option('--context <name>', 'context of the kubeconfig (default: its current one)'),
];

/** Reads how the cluster is reached. Throws {@link UsageError} when the configuration is of no use. */
export async function accessCluster(
  tools: { readonly terminal: Terminal; readonly version: string },
  { kubeconfig, context, inCluster }: ClusterFlags & { readonly inCluster?: boolean },
): Promise<ClusterAccess> {
  const access = await connectCluster({ kubeconfig, context, inCluster }, `bulkhead/${tools.version}`);
  if (!access.ok) throw new UsageError(access.error);
  const { isUnverified, server } = access.value;
  if (isUnverified)
    tools.terminal.err(
      `bulkhead: the kubeconfig turns off the check of the certificate of ${printable(server)}: nobody knows who answers\n`,
    );
  return access.value;
}
