import type { Baseline } from '#core/baseline/baseline.ts';
import { propose } from '#core/policy/generate/propose.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import type { CniProfile } from '#core/policy/world.ts';
import { baselineOf, cidr, edge, entity, fqdn, sha256, workload } from '../../support/baseline-fixture.ts';

export const web = workload('shop/web');
export const cart = workload('shop/cart');
export const db = workload('shop/db', { kind: 'StatefulSet', labels: [{ app: 'db' }, { app: 'db' }] });
export const dns = workload('kube-system/coredns', { labels: [{ 'k8s-app': 'kube-dns' }] });
export const prom = workload('monitor/prometheus');

export const SHOP_WORKLOADS = [web, cart, db, dns, prom];

export const SHOP_EDGES = [
  edge(cidr('198.51.100.9/32'), web, { port: 443, addresses: ['198.51.100.9'] }),
  edge(web, cart),
  edge(cart, db, { port: 5432 }),
  edge(db, db, { port: 5433 }),
  edge(web, dns, { protocol: 'UDP', port: 53 }),
  edge(cart, dns, { protocol: 'UDP', port: 53 }),
  edge(cart, fqdn('api.pay.example'), { port: 443, addresses: ['203.0.113.7', '2001:db8::7'] }),
  edge(prom, cart, { port: 9090 }),
  edge(cart, entity('kube-apiserver'), { port: 6443, addresses: ['172.18.0.3'] }),
  edge(entity('host'), cart, { port: 8080, addresses: ['10.0.0.254'] }),
  edge(web, cart, { protocol: 'ICMPv4', port: 'none' }),
];

export const shopBaseline = (): Baseline => baselineOf({ workloads: SHOP_WORKLOADS, edges: SHOP_EDGES });

export const proposeFrom = (baseline: Baseline, profile: CniProfile = CILIUM_PROFILE): Proposal =>
  propose(baseline, { toolVersion: '0.0.0', profile, hash: sha256 });
