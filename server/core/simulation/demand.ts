import { unreachable } from '#core/result.ts';
import type { SimWorkload } from './cluster.ts';
import {
  type DnsCall,
  dnsLookup,
  type HttpCall,
  httpRequest,
  type Meeting,
  ping,
  tcpRequest,
  tcpSession,
} from './exchange.ts';
import type { Actor, Site } from './site.ts';
import type { World } from './world.ts';

/** How two ends talk once they meet. */
export type Exchange =
  | { readonly kind: 'request' }
  | { readonly kind: 'session'; readonly lastsNs: number; readonly beatNs: number }
  | { readonly kind: 'http'; readonly calls: readonly HttpCall[] }
  | { readonly kind: 'dns'; readonly calls: readonly DnsCall[] }
  | { readonly kind: 'ping' };

/** A lasting reason to talk: who asks whom, how often, and how. */
export interface Demand {
  /** `own-node` is the node of the server that is drawn: the kubelet and its probes. */
  readonly client: Actor | 'own-node';
  readonly server: Actor;
  /** 0 where the exchange has no port. */
  readonly port: number;
  /** Mean time between two meetings. */
  readonly everyNs: number;
  /** `steady` keeps its beat within a twentieth; `random` is a Poisson process. */
  readonly rhythm: 'steady' | 'random';
  readonly how: Exchange;
  readonly service?: Meeting['service'];
  /** Share of meetings that find the server not listening; 0 when absent. */
  readonly refusedShare?: number;
}

/** The Service in front of a workload, as its clients ask for it. */
export const serviceOf = (workload: SimWorkload, port: number): NonNullable<Meeting['service']> => ({
  namespace: workload.plan.namespace,
  name: workload.plan.service ?? workload.plan.name,
  ip: workload.serviceIp,
  port,
});

function meetingOf(world: World, demand: Demand): Meeting | undefined {
  const { random } = world;
  const { sites } = demand.server;
  if (sites.length === 0) return undefined;
  const server = random.pick(sites);
  const client = clientOf(world, demand, server);
  if (client === undefined || client === server) return undefined;
  const isRefused = demand.refusedShare !== undefined && random.chance(demand.refusedShare);
  return { client, server, port: demand.port, service: demand.service, isRefused };
}

function clientOf(world: World, { client }: Demand, server: Site): Site | undefined {
  if (client === 'own-node') return server.node?.host;
  return client.sites.length === 0 ? undefined : world.random.pick(client.sites);
}

function meet(world: World, demand: Demand): void {
  const meeting = meetingOf(world, demand);
  if (meeting === undefined) return;
  const { how } = demand;
  switch (how.kind) {
    case 'request':
      tcpRequest(world, meeting);
      return;
    case 'session':
      tcpSession(world, meeting, { lastsNs: world.random.exponential(how.lastsNs), beatNs: how.beatNs });
      return;
    case 'http':
      httpRequest(world, meeting, world.random.pick(how.calls));
      return;
    case 'dns':
      dnsLookup(world, meeting, world.random.pick(how.calls));
      return;
    case 'ping':
      ping(world, meeting);
      return;
    default:
      unreachable(how);
  }
}

/** Lets the demand act from now on, for ever. */
export function startDemand(world: World, demand: Demand): void {
  const { random } = world;
  const wait = (): number =>
    demand.rhythm === 'steady'
      ? demand.everyNs * (0.95 + 0.1 * random.unit())
      : random.exponential(demand.everyNs);
  const act = (): void => {
    meet(world, demand);
    world.after(wait(), act);
  };
  world.after(random.unit() * demand.everyNs, act);
}
