import { isOutsidePeer, PublicListeners } from '#core/baseline/public-listener.ts';
import type { Edge } from '#core/graph/edge.ts';
import { type Peer, parseWorkloadId } from '#core/identity/peer.ts';
import { parseIp } from '#core/net/ip.ts';
import type { SystemRole } from './add-on.ts';

const DNS_PORT = 53;

/** A resolver is asked over UDP and, when the answer is long, over TCP: one without the other breaks now and then. */
export const isDns = ({ protocol, port, l7 }: Pick<Edge, 'protocol' | 'port' | 'l7'>): boolean =>
  (protocol === 'UDP' || protocol === 'TCP') && (port === DNS_PORT || l7.dnsNames.size > 0);

/** Link-local addresses (RFC 3927) are where NodeLocal DNSCache and the resolvers of clouds listen. */
const isLinkLocal = (text: string): boolean => {
  const ip = parseIp(text);
  return ip?.family === 4 && ip.groups[0] === 169 * 256 + 254;
};

/** Resolvers that a cloud gives its machines: AWS and GCP by a link-local address, Azure by a public one. */
const CLOUD_RESOLVERS: ReadonlySet<string> = new Set(['169.254.169.253', '169.254.169.254', '168.63.129.16']);

const addressesOf = (edge: Edge): readonly string[] => [...edge.addresses.keys()];

function dnsRole(edge: Edge): SystemRole {
  const asked = edge.l7.dnsNames.size;
  const how = asked > 0 ? `asked for ${asked} name${asked === 1 ? '' : 's'}` : `port ${edge.port}`;
  const addresses = addressesOf(edge);
  const cloud = addresses.find((ip) => CLOUD_RESOLVERS.has(ip));
  if (cloud !== undefined) return { addOn: 'cloud-dns', evidence: `${how} at ${cloud}` };
  const local = addresses.find(isLinkLocal);
  if (local !== undefined) return { addOn: 'node-local-dns', evidence: `${how} at ${local}` };
  if (edge.to.kind !== 'workload') {
    const isOutside = isOutsidePeer(edge.to);
    return { addOn: isOutside ? 'cloud-dns' : 'node-local-dns', evidence: `${how} outside the pods` };
  }
  const { namespace, name } = parseWorkloadId(edge.to.id);
  const isLocal = /node-?local/.test(name);
  return { addOn: isLocal ? 'node-local-dns' : 'dns', evidence: `${how} at ${namespace}/${name}` };
}

const API_SERVICE = 'default/kubernetes';

/** A static pod of the control plane, or a pod that answers for the API's Service. */
const isApiServer = (peer: Peer): boolean =>
  (peer.kind === 'entity' && peer.entity === 'kube-apiserver') ||
  (peer.kind === 'workload' && /^kube-apiserver(?:-|$)/.test(parseWorkloadId(peer.id).name));

function controlPlaneRole(edge: Edge): SystemRole | undefined {
  if (isApiServer(edge.to)) return { addOn: 'api-server', evidence: 'the flows name the API server' };
  if (edge.services.has(API_SERVICE)) return { addOn: 'api-server', evidence: `Service ${API_SERVICE}` };
  if (isApiServer(edge.from))
    return { addOn: 'webhooks', evidence: `the API server connects on port ${edge.port}` };
  return undefined;
}

function entranceRole(edge: Edge, listeners: PublicListeners): SystemRole | undefined {
  if (edge.from.kind === 'entity' && edge.from.entity === 'ingress')
    return { addOn: 'ingress', evidence: "the network's own Ingress connects" };
  if (!listeners.isVisit(edge)) return undefined;
  return { addOn: 'load-balancer', evidence: `many outside clients on port ${edge.port}` };
}

const METRICS_PATH = /^\/metrics(?:\/|$)/;

/** Scrapers by their usual names: a sign, and said to be one. */
const SCRAPER = /^(?:prometheus|vmagent|grafana-agent|alloy|otel-collector|opentelemetry-collector)(?:-|$)/;

function metricsRole(edge: Edge): SystemRole | undefined {
  const path = [...edge.l7.paths.keys()].find((each) => METRICS_PATH.test(each));
  if (path !== undefined) return { addOn: 'metrics', evidence: 'asked for the path /metrics' };
  if (edge.from.kind !== 'workload' || isDns(edge) || edge.protocol !== 'TCP') return undefined;
  const { name } = parseWorkloadId(edge.from.id);
  return SCRAPER.test(name) ? { addOn: 'metrics', evidence: `the client is called ${name}` } : undefined;
}

/** Says of the edges of a baseline which are system traffic. */
export class SystemRoles {
  private readonly listeners: PublicListeners;

  /** Who serves the public is told from all edges together. */
  constructor(edges: readonly Edge[]) {
    this.listeners = new PublicListeners(edges);
  }

  /** What the edge is for, or undefined when it belongs to the applications. */
  roleOf(edge: Edge): SystemRole | undefined {
    if (isDns(edge)) return dnsRole(edge);
    return controlPlaneRole(edge) ?? entranceRole(edge, this.listeners) ?? metricsRole(edge);
  }

  /** True when the edge is a visit from outside to a port that serves the public. */
  isVisit(edge: Edge): boolean {
    return this.listeners.isVisit(edge);
  }
}
