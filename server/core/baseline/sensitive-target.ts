import type { EdgeEnds } from '#core/graph/edge.ts';
import { isOutsidePeer } from './public-listener.ts';

/** Doors to the machines themselves: a baseline never learns them without a person. */
const CONTROL_PORTS: ReadonlyMap<number, string> = new Map([
  [22, 'SSH'],
  [2379, 'etcd'],
  [2380, 'etcd peers'],
  [10250, 'the kubelet'],
]);

/** Where data lives: not suspect in itself, but worth more to an intruder. */
const DATA_PORTS: ReadonlyMap<number, string> = new Map([
  [1433, 'SQL Server'],
  [1521, 'Oracle'],
  [3306, 'MySQL'],
  [5432, 'PostgreSQL'],
  [6379, 'Redis'],
  [9042, 'Cassandra'],
  [9200, 'Elasticsearch'],
  [11211, 'memcached'],
  [27017, 'MongoDB'],
]);

const METADATA_ADDRESSES: ReadonlySet<string> = new Set(['169.254.169.254', 'fd00:ec2::254']);

/** `SSH (port 22)` when the edge leads to a door of the machines or the control plane, else undefined. */
export function controlDoor({ port }: Pick<EdgeEnds, 'port'>): string | undefined {
  const name = typeof port === 'number' ? CONTROL_PORTS.get(port) : undefined;
  return name === undefined ? undefined : `${name} (port ${port})`;
}

/** `PostgreSQL (port 5432)` when the port is one of a data store, else undefined. */
export function dataStore({ port }: Pick<EdgeEnds, 'port'>): string | undefined {
  const name = typeof port === 'number' ? DATA_PORTS.get(port) : undefined;
  return name === undefined ? undefined : `${name} (port ${port})`;
}

/** True when the edge leads to the address under which clouds hand out credentials to machines. */
export const isMetadataService = ({ to }: Pick<EdgeEnds, 'to'>): boolean =>
  (to.kind === 'cidr' && METADATA_ADDRESSES.has(to.cidr.split('/')[0] ?? '')) ||
  (to.kind === 'fqdn' && to.name === 'metadata.google.internal');

/** True when the peer the edge leads to lies outside the cluster. */
export const leadsOutside = ({ to }: Pick<EdgeEnds, 'to'>): boolean => isOutsidePeer(to);
