import { parseNamespaceName, parseObjectName } from '#core/identity/names.ts';
import { peerKey, type WorkloadId, workloadId } from '#core/identity/peer.ts';
import type { SimCluster, SimWorkload, WorkloadKind, WorkloadPlan } from './cluster.ts';
import type { PolicyGate } from './site.ts';

/** Workloads of the demo shop by their short names. */
export interface Shop {
  readonly frontend: SimWorkload;
  readonly cart: SimWorkload;
  readonly catalogV1: SimWorkload;
  readonly catalogV2: SimWorkload;
  readonly checkout: SimWorkload;
  readonly payments: SimWorkload;
  readonly recommendations: SimWorkload;
  readonly ordersDb: SimWorkload;
  readonly cache: SimWorkload;
  readonly nightlyReport: SimWorkload;
  readonly ingress: SimWorkload;
  readonly prometheus: SimWorkload;
  readonly coredns: SimWorkload;
}

/** Port on which every shop service answers, and the one it shows its metrics on. */
export const WEB_PORT = 8080;
export const METRICS_PORT = 9090;

type Labels = ReadonlyMap<string, string>;

const shopLabels = (name: string): Labels =>
  new Map([
    ['app', name],
    ['app.kubernetes.io/name', name],
    ['app.kubernetes.io/part-of', 'shop'],
  ]);

function idIn(
  cluster: string,
  place: readonly [namespace: string, kind: WorkloadKind, name: string],
): WorkloadId {
  const namespace = parseNamespaceName(place[0]);
  const name = parseObjectName(place[2]);
  if (namespace === undefined || name === undefined) throw new Error(`not a workload: ${place.join('/')}`);
  return workloadId({ cluster, namespace, kind: place[1], name });
}

/** A policy of the cluster that lets in exactly these workloads. */
function admitting(
  cluster: string,
  policy: { readonly namespace: string; readonly name: string; readonly proxy?: 'http' },
  clients: readonly (readonly [string, WorkloadKind, string])[],
): PolicyGate {
  return {
    policy: { kind: 'CiliumNetworkPolicy', namespace: policy.namespace, name: policy.name },
    admits: new Set(clients.map((client) => peerKey({ kind: 'workload', id: idIn(cluster, client) }))),
    proxy: policy.proxy,
  };
}

interface Service {
  readonly name: string;
  readonly labels?: Labels;
  readonly service?: string;
  readonly ingress?: PolicyGate;
  readonly egress?: PolicyGate;
}

const shopService = (facts: Service): WorkloadPlan => ({
  namespace: 'shop',
  kind: 'Deployment',
  labels: shopLabels(facts.name),
  listens: [WEB_PORT, METRICS_PORT],
  ...facts,
});

function systemPlans(): Record<'ingress' | 'prometheus' | 'coredns' | 'nightlyReport', WorkloadPlan> {
  return {
    ingress: {
      namespace: 'ingress',
      kind: 'Deployment',
      name: 'ingress-nginx-controller',
      serviceAccount: 'ingress-nginx',
      labels: new Map([
        ['app.kubernetes.io/component', 'controller'],
        ['app.kubernetes.io/instance', 'ingress-nginx'],
        ['app.kubernetes.io/name', 'ingress-nginx'],
      ]),
      listens: [80, 443, 10_254],
    },
    prometheus: {
      namespace: 'monitoring',
      kind: 'StatefulSet',
      name: 'prometheus',
      labels: new Map([['app.kubernetes.io/name', 'prometheus']]),
      listens: [METRICS_PORT],
    },
    coredns: {
      namespace: 'kube-system',
      kind: 'Deployment',
      name: 'coredns',
      service: 'kube-dns',
      labels: new Map([['k8s-app', 'kube-dns']]),
      listens: [53, 8080, 8181, 9153],
    },
    nightlyReport: {
      namespace: 'data',
      kind: 'CronJob',
      name: 'nightly-report',
      labels: new Map([['app.kubernetes.io/name', 'nightly-report']]),
      listens: [],
    },
  };
}

const paymentsEgress: PolicyGate = {
  policy: { kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'payments-egress' },
  admits: undefined,
  proxy: 'dns',
};

/** Adds the shop's workloads, without pods. Payments and cache are already policed, catalog-v1 also by its paths. */
export function addShopWorkloads(cluster: SimCluster): Shop {
  const add = (plan: WorkloadPlan): SimWorkload => cluster.addWorkload(plan);
  const prometheus = ['monitoring', 'StatefulSet', 'prometheus'] as const;
  const frontend = ['shop', 'Deployment', 'frontend'] as const;
  const gate = (name: string, clients: Parameters<typeof admitting>[2], proxy?: 'http'): PolicyGate =>
    admitting(cluster.name, { namespace: 'shop', name, ...(proxy && { proxy }) }, clients);
  const catalogLabels = (version: string): Labels =>
    new Map([...shopLabels('catalog'), ['version', version]]);
  const system = systemPlans();
  return {
    frontend: add(shopService({ name: 'frontend' })),
    cart: add(shopService({ name: 'cart' })),
    catalogV1: add(
      shopService({
        name: 'catalog-v1',
        service: 'catalog',
        labels: catalogLabels('v1'),
        ingress: gate(
          'catalog-v1-paths',
          [frontend, prometheus, ['shop', 'Deployment', 'recommendations']],
          'http',
        ),
      }),
    ),
    catalogV2: add(shopService({ name: 'catalog-v2', service: 'catalog', labels: catalogLabels('v2') })),
    checkout: add(shopService({ name: 'checkout' })),
    payments: add(
      shopService({
        name: 'payments',
        ingress: gate('payments-ingress', [['shop', 'Deployment', 'checkout'], prometheus]),
        egress: paymentsEgress,
      }),
    ),
    recommendations: add(shopService({ name: 'recommendations' })),
    ordersDb: add({
      namespace: 'data',
      kind: 'StatefulSet',
      name: 'orders-db',
      labels: new Map([
        ['app.kubernetes.io/component', 'database'],
        ['app.kubernetes.io/name', 'orders-db'],
      ]),
      listens: [5432, 9187],
    }),
    cache: add({
      namespace: 'data',
      kind: 'StatefulSet',
      name: 'cache',
      labels: new Map([['app.kubernetes.io/name', 'cache']]),
      listens: [6379, 9121],
      ingress: admitting(cluster.name, { namespace: 'data', name: 'cache-ingress' }, [
        ['shop', 'Deployment', 'cart'],
        ['shop', 'Deployment', 'recommendations'],
      ]),
    }),
    nightlyReport: add(system.nightlyReport),
    ingress: add(system.ingress),
    prometheus: add(system.prometheus),
    coredns: add(system.coredns),
  };
}

/** Where checkout's new version asks which features are on. */
export const featureFlagsPlan: WorkloadPlan = shopService({ name: 'feature-flags' });
