import type { RequestOptions } from 'node:https';
import { failed, ok, type Result } from '#core/result.ts';

/** Which cluster is meant, and as whom it is asked. Nothing given: as `kubectl` would. */
export interface ClusterChoice {
  /** A kubeconfig file; else `KUBECONFIG`, else `~/.kube/config`. */
  readonly kubeconfig?: string | undefined;
  /** A context of it; else its current one. */
  readonly context?: string | undefined;
  /** The service account of the pod this runs in. */
  readonly inCluster?: boolean | undefined;
}

/** Where a cluster is and how to be let in, read anew where files may have rotated. */
export interface ClusterLogin {
  /** E.g. `https://192.0.2.1:6443`. */
  readonly server: string;
  /** Name of the context, or `in-cluster`. */
  readonly name: string;
  /** True when the server's certificate is not checked, as the kubeconfig asks. */
  readonly isUnverified: boolean;
  /** Certificates, agent and headers of one request. */
  applyTo(options: RequestOptions): Promise<void>;
}

/** Tokens rotate every hour or so, certificates sooner or later: files are read again after this long. */
const RELOAD_AFTER_MS = 5 * 60_000;

type Config = import('@kubernetes/client-node').KubeConfig;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function loadConfig({ kubeconfig, context, inCluster }: ClusterChoice): Promise<Config> {
  // It takes as long to load as the whole command line, and most commands never ask a cluster.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  if (inCluster === true) config.loadFromCluster();
  else if (kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(kubeconfig);
  if (context !== undefined) config.setCurrentContext(context);
  return config;
}

const SCHEME = /^https?:$/;

function urlOf(server: string): URL | undefined {
  try {
    const url = new URL(server);
    return SCHEME.test(url.protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}

/** What the client library calls the context it makes up when it finds no configuration. */
const MADE_UP = 'loaded-context';

function contextProblem(config: Config, where: string, context: string | undefined): string {
  const names = config.getContexts().map(({ name }) => name);
  const known = names.length === 0 ? 'it has none' : `it has ${names.slice(0, 10).join(', ')}`;
  const wanted = context ?? config.getCurrentContext();
  return wanted === undefined || wanted === ''
    ? `${where} names no current context; choose one with --context: ${known}.`
    : `${where} has no context ${wanted}, or the context names no cluster; ${known}.`;
}

/** Why a configuration is of no use, in one sentence. */
function configProblem(
  config: Config,
  { kubeconfig, context, inCluster }: ClusterChoice,
): string | undefined {
  const where = kubeconfig ?? 'the kubeconfig';
  if (inCluster === true && !process.env['KUBERNETES_SERVICE_HOST'])
    return '--in-cluster is for a pod of a cluster: KUBERNETES_SERVICE_HOST is not set here; use --kubeconfig.';
  const cluster = config.getCurrentCluster();
  if (cluster === null) return contextProblem(config, where, context);
  if (config.getCurrentContext() === MADE_UP)
    return 'no kubeconfig was found: name one with --kubeconfig or KUBECONFIG; there is none in ~/.kube/config either.';
  const url = urlOf(cluster.server);
  if (url === undefined) return `${where} gives ${cluster.server} as the server, which is no address.`;
  if (url.protocol === 'http:' && !cluster.skipTLSVerify)
    return `${where} gives ${cluster.server} as the server, without TLS; where that is meant (kubectl proxy, a test) its cluster entry must say insecure-skip-tls-verify: true.`;
  return undefined;
}

/** Reads the configuration; one sentence when it can not be used. The cluster is not asked yet. */
export async function readClusterLogin(choice: ClusterChoice): Promise<Result<ClusterLogin, string>> {
  const load = async (): Promise<Config> => loadConfig(choice);
  let config: Config;
  try {
    config = await load();
  } catch (error) {
    const where = choice.kubeconfig ?? 'the kubeconfig';
    return failed(`${where} could not be read: ${messageOf(error)}.`);
  }
  const problem = configProblem(config, choice);
  const cluster = config.getCurrentCluster();
  if (problem !== undefined || cluster === null) return failed(problem ?? 'no cluster is named.');
  let loadedAt = performance.now();
  const current = async (): Promise<Config> => {
    if (performance.now() - loadedAt < RELOAD_AFTER_MS) return config;
    loadedAt = performance.now();
    try {
      config = await load();
    } catch {
      // The file is being written, or gone: what was read before may still do.
    }
    return config;
  };
  return ok({
    server: cluster.server.replace(/\/+$/, ''),
    name: choice.inCluster === true ? 'in-cluster' : config.getCurrentContext(),
    isUnverified: cluster.server.startsWith('https:') && cluster.skipTLSVerify,
    applyTo: async (options) => (await current()).applyToHTTPSOptions(options),
  });
}
