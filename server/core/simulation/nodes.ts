import { type DnsName, parseDnsName } from '#core/identity/names.ts';
import type { Entity } from '#core/identity/peer.ts';
import { reservedEnd, type SimNode, type Site, site, trueEnd } from './site.ts';

/** Cilium's numbers of the reserved identities used here. */
const IDENTITY = { host: 1, world: 2, health: 4, remoteNode: 6, kubeApiserver: 7 } as const;

const entity = (name: Entity): { readonly kind: 'entity'; readonly entity: Entity } => ({
  kind: 'entity',
  entity: name,
});

/** Hosts of a node's /24 that pods use: .1 is the router, .2 health, and .255 is no host. */
const FIRST_POD_HOST = 10;
const LAST_POD_HOST = 254;

function addressPool(prefix: string): Pick<SimNode, 'takeIp' | 'giveBackIp'> {
  const free: string[] = [];
  let next = FIRST_POD_HOST;
  return {
    takeIp: () => {
      const reused = free.pop();
      if (reused !== undefined) return reused;
      if (next > LAST_POD_HOST) throw new Error(`no pod address left in ${prefix}.0/24`);
      next += 1;
      return `${prefix}.${next - 1}`;
    },
    giveBackIp: (ip) => {
      free.push(ip);
    },
  };
}

/** The node with the given index: its own address, a /24 for its pods, its health endpoint. */
export function nodeAt(cluster: string, index: number): SimNode {
  const number = index + 1;
  const place = `${number >> 8}.${number & 255}`;
  const prefix = `10.${place}`;
  const ip = `172.18.${place}`;
  let endpoints = 0;
  const nextEndpointId = (): number => {
    endpoints += 1;
    return 100 + ((endpoints * 1327) % 65_000);
  };
  const node: SimNode = {
    name: `node-${number}`,
    absoluteName: `${cluster}/node-${number}`,
    ip,
    routerIp: `${prefix}.1`,
    ...addressPool(prefix),
    nextEndpointId,
    get host(): Site {
      return host;
    },
    get health(): Site {
      return health;
    },
  };
  const host = site({
    node,
    truth: trueEnd(entity('host'), ip),
    truthElsewhere: trueEnd(entity('remote-node'), ip),
    local: reservedEnd({ ip: node.routerIp, identity: IDENTITY.host, entities: ['host'] }),
    remote: reservedEnd({ ip: node.routerIp, identity: IDENTITY.remoteNode, entities: ['remote-node'] }),
  });
  const healthIp = `${prefix}.2`;
  const health = site({
    node,
    isEndpoint: true,
    truth: trueEnd(entity('health'), healthIp),
    local: reservedEnd({
      ip: healthIp,
      identity: IDENTITY.health,
      entities: ['health'],
      endpointId: nextEndpointId(),
    }),
    remote: reservedEnd({ ip: healthIp, identity: IDENTITY.health, entities: ['health'] }),
    listens: new Set([4240]),
  });
  return node;
}

/** The node as a server on its own address, e.g. its kubelet. */
export const nodeAddress = (node: SimNode): Site =>
  site({
    node,
    truth: node.host.truth,
    truthElsewhere: node.host.truthElsewhere,
    local: reservedEnd({ ip: node.ip, identity: IDENTITY.host, entities: ['host'] }),
    remote: reservedEnd({ ip: node.ip, identity: IDENTITY.remoteNode, entities: ['remote-node'] }),
    listens: new Set([10_250]),
  });

/** The API server on the given node: two reserved labels, as Cilium gives it. */
export const apiServerOn = (node: SimNode): Site =>
  site({
    node,
    truth: trueEnd(entity('kube-apiserver'), node.ip),
    local: reservedEnd({ ip: node.ip, identity: IDENTITY.host, entities: ['host', 'kube-apiserver'] }),
    remote: reservedEnd({
      ip: node.ip,
      identity: IDENTITY.kubeApiserver,
      entities: ['remote-node', 'kube-apiserver'],
    }),
    listens: new Set([6443]),
  });

/** A user outside the cluster. */
export const userAt = (ip: string): Site =>
  site({
    truth: trueEnd(entity('world'), ip),
    local: reservedEnd({ ip, identity: IDENTITY.world, entities: ['world'] }),
  });

/** A server outside that nobody has a name for. */
export const addressOutside = (ip: string, listens: readonly number[]): Site =>
  site({
    truth: trueEnd({ kind: 'cidr', cidr: `${ip}/32` }, ip),
    local: reservedEnd({ ip, identity: IDENTITY.world, entities: ['world'] }),
    listens: new Set(listens),
  });

/** Identities of FQDNs are local to a node and begin here. */
const FIRST_LOCAL_IDENTITY = 16_777_217;

/** Addresses of one named service outside; a name a policy speaks about has an identity of its own. */
export function serviceOutside(facts: {
  readonly name: string;
  readonly ips: readonly string[];
  /** Undefined when no policy names it: then its addresses are plain `world`. */
  readonly fqdnIdentity: number | undefined;
}): readonly Site[] {
  const { name, fqdnIdentity } = facts;
  const truth = trueEnd({ kind: 'fqdn', name: asDnsName(name) }, '');
  return facts.ips.map((ip) =>
    site({
      truth: { ...truth, ip },
      local: reservedEnd({
        ip,
        identity: fqdnIdentity === undefined ? IDENTITY.world : FIRST_LOCAL_IDENTITY + fqdnIdentity,
        entities: ['world'],
        ...(fqdnIdentity !== undefined && { fqdn: name }),
      }),
      listens: new Set([443]),
      names: [name],
    }),
  );
}

function asDnsName(text: string): DnsName {
  const name = parseDnsName(text);
  if (name === undefined) throw new Error(`not a DNS name: ${text}`);
  return name;
}
