import type { SimPod } from './cluster.ts';
import { serviceOf, startDemand } from './demand.ts';
import { outsideLookups, serviceLookups } from './dns-names.ts';
import { type DnsCall, dnsLookup, tcpProbe, tcpRequest, tcpSession } from './exchange.ts';
import { addressOutside } from './nodes.ts';
import { featureFlagsPlan, type Shop, WEB_PORT } from './shop-workloads.ts';
import type { Actor, Site } from './site.ts';
import { MINUTE_NS, type Phase, SECOND_NS, type World } from './world.ts';

/** Where the nightly report is uploaded to; nobody behind a DNS proxy asks for it, so it stays an address. */
const REPORT_STORE = '203.0.113.80';
/** The attacker's own host. */
const RARE_HOST = '198.51.100.66';
const RARE_PORT = 4444;

const JOB_EVERY_MS = 30 * 60_000;

/** Every half hour a Job pod looks up the database, reads it, uploads a report and ends; its address is reused. */
function scheduleReports(world: World, shop: Shop): void {
  const store = addressOutside(REPORT_STORE, [443]);
  const runAt = (at: number): void => {
    world.at(at, () => {
      runReport(world, shop, { scheduledAt: at, store });
      runAt(at + JOB_EVERY_MS);
    });
  };
  runAt(Math.ceil((world.startAt + 1) / JOB_EVERY_MS) * JOB_EVERY_MS);
}

function runReport(
  world: World,
  shop: Shop,
  facts: { readonly scheduledAt: number; readonly store: Site },
): void {
  const number = String(Math.floor(facts.scheduledAt / 60_000));
  const generation = {
    hash: number,
    labels: new Map([...shop.nightlyReport.plan.labels, ['job-name', `nightly-report-${number}`] as const]),
  };
  const pod = world.cluster.startPod(shop.nightlyReport, generation);
  const calls: readonly DnsCall[] = [
    ...serviceLookups(shop.ordersDb),
    ...outsideLookups('reports.storage.example', [REPORT_STORE], 'data'),
  ];
  for (const [index, call] of calls.entries()) {
    world.after((2 + index) * SECOND_NS, () => {
      const service = serviceOf(shop.coredns, 53);
      dnsLookup(
        world,
        { client: pod, server: world.random.pick(shop.coredns.sites), port: 53, service },
        call,
      );
    });
  }
  world.after(8 * SECOND_NS, () => {
    const server = world.random.pick(shop.ordersDb.sites);
    const lasting = { lastsNs: 90 * SECOND_NS, beatNs: 8 * SECOND_NS };
    tcpSession(world, { client: pod, server, port: 5432, service: serviceOf(shop.ordersDb, 5432) }, lasting);
  });
  world.after(110 * SECOND_NS, () => tcpRequest(world, { client: pod, server: facts.store, port: 443 }));
  world.after(150 * SECOND_NS, () => world.cluster.stopPod(pod));
}

/** Checkout v2 replaces v1 pod by pod, and asks a workload that did not exist before. */
function rollOut(world: World, shop: Shop): void {
  const { cluster } = world;
  const flags = cluster.addWorkload(featureFlagsPlan);
  const flagsGeneration = cluster.newGeneration(flags);
  cluster.startPod(flags, flagsGeneration);
  cluster.startPod(flags, flagsGeneration);
  const oldPods = [...shop.checkout.sites];
  const generation = cluster.newGeneration(shop.checkout, { version: 'v2' });
  const newPods: SimPod[] = [];
  for (const [index, old] of oldPods.entries()) {
    world.after((20 + 60 * index) * SECOND_NS, () => {
      newPods.push(cluster.startPod(shop.checkout, generation));
    });
    world.after((50 + 60 * index) * SECOND_NS, () => cluster.stopPod(old));
  }
  const client: Actor = { sites: newPods };
  startDemand(world, {
    client,
    server: flags,
    port: WEB_PORT,
    everyNs: 25 * SECOND_NS,
    rhythm: 'random',
    how: { kind: 'request' },
    service: serviceOf(flags, 80),
  });
  startDemand(world, {
    client,
    server: shop.coredns,
    port: 53,
    everyNs: 90 * SECOND_NS,
    rhythm: 'random',
    how: { kind: 'dns', calls: serviceLookups(flags) },
    service: serviceOf(shop.coredns, 53),
  });
  startDemand(world, {
    client: 'own-node',
    server: flags,
    port: WEB_PORT,
    everyNs: 60 * SECOND_NS,
    rhythm: 'steady',
    how: { kind: 'request' },
  });
}

const SCANNED_PORTS = [22, 80, 443, 3306, 5432, 6379, 8080, 8443, 9200, 27_017] as const;

/** One pod of recommendations is taken over: it scans every pod, moves to the database, and reports home. */
function attack(world: World, shop: Shop, untilNs: number): void {
  const [intruder] = shop.recommendations.sites;
  const [database] = shop.ordersDb.sites;
  if (intruder === undefined || database === undefined) return;
  const targets = [...world.cluster.workloads.values()].flatMap(({ sites }) => sites);
  let delay = 0;
  for (const port of SCANNED_PORTS) {
    for (const server of targets) {
      delay += world.random.exponential(0.35 * SECOND_NS);
      world.after(delay, () => {
        if (server !== intruder && !server.isGone) {
          tcpProbe(world, { client: intruder, server, port, isAttack: true });
        }
      });
    }
  }
  world.after(delay + 20 * SECOND_NS, () => {
    const lasting = { lastsNs: 3 * MINUTE_NS, beatNs: 6 * SECOND_NS };
    tcpSession(world, { client: intruder, server: database, port: 5432, isAttack: true }, lasting);
  });
  const home = addressOutside(RARE_HOST, [RARE_PORT]);
  const callHome = (): void => {
    if (world.now >= untilNs) return;
    tcpRequest(world, { client: intruder, server: home, port: RARE_PORT, isAttack: true });
    world.after(world.random.between(50, 70) * SECOND_NS, callHome);
  };
  world.after(delay + 60 * SECOND_NS, callHome);
}

/** Plans what happens once: reports, the rollout, the attack. Each part begins half a minute into its phase. */
export function tellShopStory(world: World, shop: Shop, phases: readonly Phase[]): void {
  scheduleReports(world, shop);
  for (const phase of phases) {
    const begin = phase.from + 30_000;
    if (phase.name === 'rollout' && begin < phase.until) world.at(begin, () => rollOut(world, shop));
    if (phase.name === 'attack' && begin < phase.until) {
      const untilNs = (phase.until - world.startAt) * 1_000_000;
      world.at(begin, () => attack(world, shop, untilNs));
    }
  }
}
