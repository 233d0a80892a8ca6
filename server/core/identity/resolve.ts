import type { SetAsideReason } from '#core/flow/coverage.ts';
import type { FlowEndpoint, Protocol } from '#core/flow/flow.ts';
import type { EpochMs } from '#core/flow/time.ts';
import { hostPrefix, isPublicIp, parseIp } from '#core/net/ip.ts';
import { sortedText } from '#core/order.ts';
import type { Directory } from './directory.ts';
import { type DnsName, parseNamespaceName, parseObjectName } from './names.ts';
import type { Entity, Peer, WorkloadId } from './peer.ts';

/** Who an endpoint is; `pod` as `namespace/name`. */
export interface ResolvedEnd {
  readonly peer: Peer;
  readonly pod: string | undefined;
  readonly ip: string | undefined;
  /** The port of the pods behind a Service's port; absent where no address was translated. */
  readonly port?: number;
}

/** Who an endpoint is, or why nobody can say. */
export type Resolution = ResolvedEnd | { readonly peer: undefined; readonly reason: SetAsideReason };

/** Of several reserved labels on one endpoint the one that says most: the API server also carries its node's. */
const ENTITY_ORDER: readonly Entity[] = [
  'kube-apiserver',
  'ingress',
  'health',
  'host',
  'remote-node',
  'unmanaged',
  'init',
];

/** The loopback address Cilium gives a pod that reaches itself through its own Service. */
export const HAIRPIN_ADDRESS = '169.254.42.1';

const UNRESOLVED: Resolution = { peer: undefined, reason: 'unresolved-endpoint' };

function resolvePod(endpoint: FlowEndpoint, directory: Directory): Resolution {
  const namespace = parseNamespaceName(endpoint.namespace ?? '');
  const pod = parseObjectName(endpoint.pod ?? '');
  if (namespace === undefined || pod === undefined) return { peer: undefined, reason: 'invalid-name' };
  const id = directory.workloadOfPod({ cluster: endpoint.cluster, namespace, name: pod });
  if (id === undefined) return UNRESOLVED;
  return { peer: { kind: 'workload', id }, pod: `${namespace}/${pod}`, ip: endpoint.ip };
}

function resolveLabels(endpoint: FlowEndpoint, directory: Directory): Resolution {
  if (parseNamespaceName(endpoint.namespace ?? '') === undefined)
    return { peer: undefined, reason: 'invalid-name' };
  const id = directory.workloadOfLabels(endpoint);
  return id === undefined ? UNRESOLVED : { peer: { kind: 'workload', id }, pod: undefined, ip: endpoint.ip };
}

/** What only an inventory knows: the workload behind a Service's address, and the port its pods listen on. */
export interface ServiceLookup {
  behindService(
    ip: string,
    protocol: Protocol,
    port: number | undefined,
  ): { readonly workload: WorkloadId; readonly port: number } | undefined;
}

interface ResolveContext {
  readonly names: ReadonlySet<DnsName>;
  readonly directory: Directory & Partial<ServiceLookup>;
  readonly at: EpochMs;
  /** Where it is not given, no Service is looked up. */
  readonly protocol?: Protocol;
}

/** True when only the address of an endpoint says who it is, so that a later word about addresses may change it. */
export const isKnownByAddress = (endpoint: FlowEndpoint): boolean =>
  endpoint.pod === undefined &&
  !ENTITY_ORDER.some((each) => endpoint.entities.includes(each)) &&
  (endpoint.namespace === undefined || endpoint.labels.size === 0);

/** A Service's address, where it was not translated before the flow was seen. */
function resolveService(
  endpoint: FlowEndpoint,
  { directory, protocol }: ResolveContext,
): Resolution | undefined {
  const { ip, port } = endpoint;
  if (ip === undefined || protocol === undefined) return undefined;
  const behind = directory.behindService?.(ip, protocol, port);
  return behind && { peer: { kind: 'workload', id: behind.workload }, pod: undefined, ip, port: behind.port };
}

/** An address the data path calls world, or does not know: one of ours after all, or outside the cluster. */
function resolveAddress(endpoint: FlowEndpoint, context: ResolveContext): Resolution {
  const { names, directory, at } = context;
  const ip = endpoint.ip === undefined ? undefined : parseIp(endpoint.ip);
  const isWorld = endpoint.entities.includes('world');
  if (endpoint.ip === undefined || ip === undefined) {
    return isWorld
      ? { peer: { kind: 'entity', entity: 'world' }, pod: undefined, ip: undefined }
      : UNRESOLVED;
  }
  const ours = directory.podOfAddress(endpoint.ip, at);
  if (ours !== undefined)
    return { peer: { kind: 'workload', id: ours.workload }, pod: ours.pod, ip: endpoint.ip };
  if (directory.isNodeAddress(endpoint.ip)) {
    return { peer: { kind: 'entity', entity: 'remote-node' }, pod: undefined, ip: endpoint.ip };
  }
  const behind = resolveService(endpoint, context);
  if (behind !== undefined) return behind;
  if (!isWorld && !isPublicIp(ip)) return UNRESOLVED;
  const [name] = sortedText(names);
  const peer: Peer = name === undefined ? { kind: 'cidr', cidr: hostPrefix(ip) } : { kind: 'fqdn', name };
  return { peer, pod: undefined, ip: endpoint.ip };
}

/**
 * Who? A pod's name first, whatever else the endpoint carries; then what Cilium reserves; then a label set without a
 * pod, such as a proxy leg; then the address, as of the flow's own time.
 */
export function resolveEndpoint(endpoint: FlowEndpoint, context: ResolveContext): Resolution {
  if (endpoint.pod !== undefined) return resolvePod(endpoint, context.directory);
  const entity = ENTITY_ORDER.find((each) => endpoint.entities.includes(each));
  if (entity !== undefined) return { peer: { kind: 'entity', entity }, pod: undefined, ip: endpoint.ip };
  if (endpoint.namespace !== undefined && endpoint.labels.size > 0)
    return resolveLabels(endpoint, context.directory);
  return resolveAddress(endpoint, context);
}
