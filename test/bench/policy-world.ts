import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '#core/policy/network-policy.ts';
import type { World, WorldPod } from '#core/policy/world.ts';

/** How large a world of policies is. */
export interface WorldSize {
  readonly workloads: number;
  readonly replicas: number;
  readonly policies: number;
  readonly ports: number;
}

export const FIRST_PORT = 8000;

const WORKLOADS_PER_NAMESPACE = 100;
const NODES = 50;
const TIERS = ['web', 'api', 'data', 'job'] as const;

/** A stream of numbers that is the same on every machine; `below(n)` gives the next one from 0 to n - 1. */
export function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >>> 8) % limit;
  };
}

const namespaceOf = (workload: number, { workloads }: WorldSize): string =>
  `team-${workload % Math.ceil(workloads / WORKLOADS_PER_NAMESPACE)}`;

/** Every namespace has workloads of every tier. */
const tierOf = (workload: number): string => TIERS[Math.floor(workload / 7) % TIERS.length] ?? 'web';

function podOf(size: WorldSize, workload: number, replica: number): WorldPod {
  const index = workload * size.replicas + replica;
  const service = FIRST_PORT + (workload % size.ports);
  return {
    namespace: namespaceOf(workload, size),
    name: `service-${workload}-${replica}`,
    labels: [
      ['app', `service-${workload}`],
      ['tier', tierOf(workload)],
      ['pod-template-hash', `hash-${workload}`],
      ['pod', `${index}`],
    ],
    ips: [`10.${index >>> 16}.${(index >>> 8) & 255}.${index & 255}`],
    namedPorts: [{ name: 'service', protocol: 'TCP', port: service }],
    hostNetwork: false,
    node: `node-${index % NODES}`,
  };
}

const app = (workload: number) => ({ matchLabels: { app: `service-${workload}` } });

function peerOf(size: WorldSize, below: (limit: number) => number): NetworkPolicyPeer {
  const kind = below(40);
  if (kind === 0) return { ipBlock: { cidr: `10.${below(2)}.${below(256)}.0/24` } };
  if (kind === 1)
    return { namespaceSelector: {}, podSelector: { matchLabels: { tier: TIERS[below(4)] ?? 'web' } } };
  const workload = below(size.workloads);
  const namespace = { matchLabels: { 'kubernetes.io/metadata.name': namespaceOf(workload, size) } };
  return { namespaceSelector: namespace, podSelector: app(workload) };
}

function portOf(size: WorldSize, below: (limit: number) => number): NetworkPolicyPort {
  const kind = below(20);
  const port = FIRST_PORT + below(size.ports);
  if (kind === 0) return { port: 'service' };
  return kind === 1 ? { port, endPort: port + 2 } : { port };
}

/**
 * The policy of one workload, both directions: two or three rules each, now and then a block, a range or a port name.
 * One in ten is about a whole tier of its namespace.
 */
function policyOf(size: WorldSize, index: number, below: (limit: number) => number): NetworkPolicy {
  const subject = below(size.workloads);
  const rules = () => Array.from({ length: 2 + below(2) }, () => [peerOf(size, below), peerOf(size, below)]);
  return {
    metadata: { name: `policy-${index}`, namespace: namespaceOf(subject, size) },
    spec: {
      podSelector: index % 10 === 0 ? { matchLabels: { tier: tierOf(subject) } } : app(subject),
      policyTypes: ['Ingress', 'Egress'],
      ingress: rules().map((from) => ({ from, ports: [portOf(size, below)] })),
      egress: rules().map((to) => ({ to, ports: [portOf(size, below)] })),
    },
  };
}

/** A world of this size, the same every time. */
export function policyWorld(size: WorldSize): World {
  const below = numbers(7);
  const workloads = Array.from({ length: size.workloads }, (_, workload) => workload);
  const namespaces = [...new Set(workloads.map((workload) => namespaceOf(workload, size)))];
  return {
    namespaces: namespaces.map((name) => ({ name, labels: [['kubernetes.io/metadata.name', name]] })),
    pods: workloads.flatMap((workload) =>
      Array.from({ length: size.replicas }, (_, replica) => podOf(size, workload, replica)),
    ),
    policies: Array.from({ length: size.policies }, (_, index) => policyOf(size, index, below)),
  };
}

/** One policy of the world with the rules of another one. */
export function edited({ policies }: World, below: (limit: number) => number): NetworkPolicy {
  const [policy, other] = [policies[below(policies.length)], policies[below(policies.length)]];
  if (policy === undefined || other === undefined) throw new Error('a world without policies');
  const { ingress, egress } = other.spec;
  return { ...policy, spec: { ...policy.spec, ingress, egress } };
}
