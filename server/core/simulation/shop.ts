import type { SimCluster, SimWorkload } from './cluster.ts';
import { type Demand, type Exchange, serviceOf } from './demand.ts';
import { outsideLookups, serviceLookups } from './dns-names.ts';
import type { DnsCall, HttpCall } from './exchange.ts';
import { apiServerOn, nodeAddress, serviceOutside, userAt } from './nodes.ts';
import { METRICS_PORT, type Shop, WEB_PORT } from './shop-workloads.ts';
import type { Actor, Site } from './site.ts';
import { MINUTE_NS, SECOND_NS } from './world.ts';

/** How many pods each workload runs when the story begins. */
const REPLICAS: Readonly<Record<keyof Shop, number>> = {
  frontend: 2,
  cart: 2,
  catalogV1: 1,
  catalogV2: 1,
  checkout: 2,
  payments: 2,
  recommendations: 2,
  ordersDb: 2,
  cache: 1,
  nightlyReport: 0,
  ingress: 2,
  prometheus: 1,
  coredns: 2,
};

/** Starts the shop's pods; checkout begins as version v1. */
export function startShopPods(cluster: SimCluster, shop: Shop): void {
  for (const name of Object.keys(REPLICAS) as (keyof Shop)[]) {
    const generation = cluster.newGeneration(shop[name], name === 'checkout' ? { version: 'v1' } : {});
    for (let i = 0; i < REPLICAS[name]; i += 1) cluster.startPod(shop[name], generation);
  }
}

const PAYMENT_API = { name: 'api.payments.example', ips: ['203.0.113.10', '203.0.113.11', '203.0.113.12'] };
const FRAUD_CHECK = { name: 'fraud-check.example', ips: ['203.0.113.40'] };

const REQUEST: Exchange = { kind: 'request' };

const catalogCalls: readonly HttpCall[] = [
  '/products',
  '/products/17',
  '/products/42',
  '/products/42/reviews',
].map((path) => ({ method: 'GET', path, authority: 'catalog:8080', code: 200 }));

const session = (lastsMinutes: number, beatSeconds: number): Exchange => ({
  kind: 'session',
  lastsNs: lastsMinutes * MINUTE_NS,
  beatNs: beatSeconds * SECOND_NS,
});

interface Call {
  readonly from: SimWorkload;
  readonly to: SimWorkload;
  readonly port?: number;
  readonly everySeconds: number;
  readonly how?: Exchange;
}

const call = ({ from, to, port = WEB_PORT, everySeconds, how = REQUEST }: Call): Demand => ({
  client: from,
  server: to,
  port,
  everyNs: everySeconds * SECOND_NS,
  rhythm: 'random',
  how,
  service: serviceOf(to, port === WEB_PORT ? 80 : port),
  refusedShare: 0.004,
});

function shoppers(shop: Shop): readonly Demand[] {
  const users = { sites: Array.from({ length: 90 }, (_, i) => userAt(`192.0.2.${i + 11}`)) };
  const http: Exchange = { kind: 'http', calls: catalogCalls };
  return [
    {
      client: users,
      server: shop.ingress,
      port: 443,
      everyNs: 9 * SECOND_NS,
      rhythm: 'random',
      how: REQUEST,
    },
    {
      client: users,
      server: shop.ingress,
      port: 80,
      everyNs: 60 * SECOND_NS,
      rhythm: 'random',
      how: REQUEST,
    },
    call({ from: shop.ingress, to: shop.frontend, everySeconds: 12 }),
    call({ from: shop.frontend, to: shop.catalogV1, everySeconds: 45, how: http }),
    call({ from: shop.frontend, to: shop.catalogV2, everySeconds: 45, how: http }),
    call({ from: shop.frontend, to: shop.cart, everySeconds: 40 }),
    call({ from: shop.frontend, to: shop.recommendations, everySeconds: 50 }),
    call({ from: shop.frontend, to: shop.checkout, everySeconds: 75 }),
    call({ from: shop.recommendations, to: shop.catalogV1, everySeconds: 120, how: http }),
    call({ from: shop.recommendations, to: shop.catalogV2, everySeconds: 120, how: http }),
    call({ from: shop.checkout, to: shop.cart, everySeconds: 80 }),
    call({ from: shop.checkout, to: shop.payments, everySeconds: 75 }),
  ];
}

function databases(shop: Shop): readonly Demand[] {
  return [
    call({ from: shop.checkout, to: shop.ordersDb, port: 5432, everySeconds: 300, how: session(12, 30) }),
    call({ from: shop.cart, to: shop.cache, port: 6379, everySeconds: 300, how: session(10, 30) }),
    call({ from: shop.recommendations, to: shop.cache, port: 6379, everySeconds: 500, how: session(10, 40) }),
    call({ from: shop.ordersDb, to: shop.ordersDb, port: 5432, everySeconds: 900, how: session(20, 40) }),
  ];
}

/** One name is known from DNS answers only, the other also has an identity since a policy speaks about it. */
function outside(shop: Shop): readonly Demand[] {
  const server = (facts: typeof PAYMENT_API, fqdnIdentity: number | undefined): Actor => ({
    sites: serviceOutside({ ...facts, fqdnIdentity }),
  });
  const to = (actor: Actor, everySeconds: number): Demand => ({
    client: shop.payments,
    server: actor,
    port: 443,
    everyNs: everySeconds * SECOND_NS,
    rhythm: 'random',
    how: REQUEST,
  });
  return [to(server(PAYMENT_API, undefined), 80), to(server(FRAUD_CHECK, 0), 2400)];
}

function lookups(shop: Shop): readonly Demand[] {
  const ask = (client: SimWorkload, calls: readonly DnsCall[]): Demand => ({
    client,
    server: shop.coredns,
    port: 53,
    everyNs: 75 * SECOND_NS,
    rhythm: 'random',
    how: { kind: 'dns', calls },
    service: serviceOf(shop.coredns, 53),
  });
  const names = (...targets: readonly SimWorkload[]): readonly DnsCall[] => targets.flatMap(serviceLookups);
  return [
    ask(shop.ingress, names(shop.frontend)),
    ask(shop.frontend, names(shop.catalogV1, shop.cart, shop.checkout, shop.recommendations)),
    ask(shop.cart, names(shop.cache)),
    ask(shop.checkout, names(shop.cart, shop.payments, shop.ordersDb)),
    ask(shop.recommendations, names(shop.catalogV1, shop.cache)),
    ask(shop.payments, [
      ...outsideLookups(PAYMENT_API.name, PAYMENT_API.ips, 'shop'),
      ...outsideLookups(FRAUD_CHECK.name, FRAUD_CHECK.ips, 'shop'),
    ]),
    ask(shop.prometheus, names(shop.ordersDb)),
    { ...ask(shop.ordersDb, names(shop.ordersDb)), everyNs: 300 * SECOND_NS },
    { ...ask(shop.checkout, []), how: REQUEST, everyNs: 1800 * SECOND_NS },
  ];
}

/** Prometheus keeps its connections for a while and asks once a minute; cache's exporter is shut off by policy. */
function scrapes(cluster: SimCluster, shop: Shop): readonly Demand[] {
  const scrape = (server: Actor, port: number, everySeconds = 900): Demand => ({
    client: shop.prometheus,
    server,
    port,
    everyNs: everySeconds * SECOND_NS,
    rhythm: 'steady',
    how: session(14, 60),
  });
  const { frontend, cart, catalogV1, catalogV2, checkout, payments, recommendations } = shop;
  return [
    ...[frontend, cart, catalogV1, catalogV2, checkout, payments, recommendations].map((server) =>
      scrape(server, METRICS_PORT),
    ),
    scrape(shop.ordersDb, 9187),
    scrape(shop.cache, 9121, 1200),
    scrape(shop.ingress, 10_254),
    scrape(shop.coredns, 9153),
    scrape({ sites: cluster.nodes.map(nodeAddress) }, 10_250, 450),
  ];
}

function probes(shop: Shop): readonly Demand[] {
  const probe = (server: SimWorkload, port: number): Demand => ({
    client: 'own-node',
    server,
    port,
    everyNs: 60 * SECOND_NS,
    rhythm: 'steady',
    how: REQUEST,
  });
  const { frontend, cart, catalogV1, catalogV2, checkout, payments, recommendations } = shop;
  return [
    ...[frontend, cart, catalogV1, catalogV2, checkout, payments, recommendations].map((server) =>
      probe(server, WEB_PORT),
    ),
    probe(shop.ordersDb, 5432),
    probe(shop.cache, 6379),
    probe(shop.ingress, 10_254),
    probe(shop.prometheus, METRICS_PORT),
    probe(shop.coredns, 8080),
    probe(shop.coredns, 8181),
  ];
}

/** Every node checks the health endpoint of every node, by ICMP and by TCP. */
export function healthChecks(nodes: SimCluster['nodes'], everyNs: number): readonly Demand[] {
  const hosts: readonly Site[] = nodes.map((node) => node.host);
  const endpoints: readonly Site[] = nodes.map((node) => node.health);
  const check = {
    client: { sites: hosts },
    server: { sites: endpoints },
    everyNs,
    rhythm: 'random',
  } as const;
  return [
    { ...check, port: 0, how: { kind: 'ping' } },
    { ...check, port: 4240, how: REQUEST },
  ];
}

/** Everything that goes on in the shop before the rollout, except the CronJob. */
export function shopDemands(cluster: SimCluster, shop: Shop): readonly Demand[] {
  const controlPlane = cluster.nodes[0];
  if (controlPlane === undefined) throw new Error('a cluster needs a node');
  return [
    ...shoppers(shop),
    ...databases(shop),
    ...outside(shop),
    ...lookups(shop),
    ...scrapes(cluster, shop),
    ...probes(shop),
    ...healthChecks(cluster.nodes, 20 * SECOND_NS),
    {
      client: shop.ingress,
      server: { sites: [apiServerOn(controlPlane)] },
      port: 6443,
      everyNs: 400 * SECOND_NS,
      rhythm: 'random',
      how: session(10, 60),
    },
  ];
}
