import { evaluate } from '#core/policy/literal/evaluate.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { Verdict } from '#core/policy/literal/verdict.ts';
import type { NetworkPolicy, NetworkPolicySpec } from '#core/policy/network-policy.ts';
import type {
  CniProfile,
  Connection,
  Endpoint,
  Labels,
  PolicyProtocol,
  World,
  WorldPod,
} from '#core/policy/world.ts';

/** A small cluster: `shop` with web, cart and db; `monitor` with a scraper; `kube-system` with a resolver. */
export function podOf(name: string, parts: Partial<WorldPod> = {}): WorldPod {
  return {
    namespace: 'shop',
    name,
    labels: [['app', name]],
    ips: [],
    namedPorts: [],
    hostNetwork: false,
    node: 'node-1',
    ...parts,
  };
}

export const WEB = podOf('web', { ips: ['10.0.0.1'] });
export const CART = podOf('cart', {
  ips: ['10.0.0.2'],
  namedPorts: [
    { name: 'http', protocol: 'TCP', port: 8080 },
    { name: 'stats', protocol: 'UDP', port: 8125 },
  ],
});
export const DB = podOf('db', {
  ips: ['10.0.0.3'],
  labels: [
    ['app', 'db'],
    ['tier', ''],
  ],
  node: 'node-2',
});
export const SCRAPER = podOf('scraper', { namespace: 'monitor', ips: ['10.0.1.1'] });
export const RESOLVER = podOf('resolver', { namespace: 'kube-system', ips: ['10.0.2.1'] });
export const OUTSIDE: Endpoint = { kind: 'address', ip: '203.0.113.7' };

const metadataName = (namespace: string): Labels => [['kubernetes.io/metadata.name', namespace]];

export const NAMESPACES: World['namespaces'] = [
  { name: 'shop', labels: [...metadataName('shop'), ['team', 'shop']] },
  { name: 'monitor', labels: [...metadataName('monitor'), ['team', 'ops']] },
  { name: 'kube-system', labels: metadataName('kube-system') },
];

/** The small cluster under these policies. */
export const worldWith = (...policies: readonly NetworkPolicy[]): World => ({
  namespaces: NAMESPACES,
  pods: [WEB, CART, DB, SCRAPER, RESOLVER],
  policies,
});

/** A policy in `shop`. */
export const policyOf = (
  spec: NetworkPolicySpec,
  name = 'under-test',
  namespace = 'shop',
): NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace },
  spec,
});

/** A policy in `shop` whose pieces break the API's types on purpose. */
export const brokenPolicy = (spec: unknown): NetworkPolicy => policyOf(spec as NetworkPolicySpec);

/** Selects the pods with this `app` label. */
export const app = (name: string) => ({ matchLabels: { app: name } }) as const;

/** Selects a namespace by the one label that is guaranteed. */
export const namespaceNamed = (name: string) =>
  ({ matchLabels: { 'kubernetes.io/metadata.name': name } }) as const;

/** An ingress policy for `cart` with one rule for these peers, any port. */
export const cartAcceptsFrom = (...from: NonNullable<NonNullable<NetworkPolicySpec['ingress']>[0]['from']>) =>
  policyOf({ podSelector: app('cart'), policyTypes: ['Ingress'], ingress: [{ from }] });

/** Isolates `cart` for ingress and nothing else. */
export const CART_IS_CLOSED = policyOf({ podSelector: app('cart'), policyTypes: ['Ingress'] });

type End = Endpoint | WorldPod;

const endpointOf = (end: End): Endpoint => ('kind' in end ? end : { kind: 'pod', pod: end });

export interface Ask {
  readonly protocol?: PolicyProtocol;
  readonly port?: number;
  readonly profile?: CniProfile;
}

/** A connection to TCP 8080 unless told otherwise. */
export function connect(from: End, to: End, { protocol = 'TCP', port = 8080 }: Ask = {}): Connection {
  return { from: endpointOf(from), to: endpointOf(to), protocol, port };
}

/** The verdict on one connection in a world, under the plain Kubernetes profile unless told otherwise. */
export const judge = (world: World, [from, to]: readonly [End, End], ask: Ask = {}): Verdict =>
  evaluate(world, connect(from, to, ask), ask.profile ?? KUBERNETES_PROFILE);

/** Whether policies in the small cluster let a connection through. */
export const allows = (
  policies: NetworkPolicy | readonly NetworkPolicy[],
  ends: readonly [End, End],
  ask: Ask = {},
): boolean => judge(worldWith(...[policies].flat()), ends, ask).allowed;

/** A point of the specification: either what shows it, or why it is no question for the judge of one connection. */
export type Point =
  | { readonly point: number; readonly title: string; readonly test: () => void }
  | { readonly point: number; readonly title: string; readonly whyNoVerdict: string };
