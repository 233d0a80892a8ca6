import type {
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../network-policy.ts';

/** A clause that admits far more than anybody could have seen; a person must have meant it. */
export interface Opening {
  /** Field path, e.g. `spec.ingress[0].from[1]`. */
  readonly path: string;
  /** Half a sentence: what it admits. */
  readonly what: string;
}

/** Ports a range may span before it counts as one that nobody checked port by port. */
const WIDEST_RANGE = 100;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const labelsOf = (selector: LabelSelector | null | undefined): object => selector?.matchLabels ?? {};

const selectsAll = (selector: LabelSelector | null | undefined): boolean =>
  typeof selector === 'object' &&
  selector !== null &&
  Object.keys(labelsOf(selector)).length === 0 &&
  listOf(selector?.matchExpressions).length === 0;

function peerOpening(peer: unknown): string | undefined {
  if (!isRecord(peer)) return undefined;
  const { podSelector, namespaceSelector, ipBlock } = peer as NetworkPolicyPeer;
  if (Object.keys(peer).length === 0) return 'names no peer at all';
  if (selectsAll(namespaceSelector)) return 'means every namespace';
  if (selectsAll(podSelector)) return 'means every pod of the namespace';
  const cidr = isRecord(ipBlock) ? ipBlock.cidr : undefined;
  return typeof cidr === 'string' && /\/0+$/.test(cidr) ? 'means every address' : undefined;
}

function portOpening(entry: unknown): string | undefined {
  const { port, endPort } = (isRecord(entry) ? entry : {}) as NetworkPolicyPort;
  if (port === undefined || port === null) return 'means every port of the protocol';
  if (typeof port !== 'number' || typeof endPort !== 'number') return undefined;
  return endPort - port >= WIDEST_RANGE ? `spans ${endPort - port + 1} ports` : undefined;
}

function named(
  items: readonly unknown[],
  path: string,
  find: (item: unknown) => string | undefined,
): readonly Opening[] {
  return items.flatMap((item, index) => {
    const what = find(item);
    return what === undefined ? [] : [{ path: `${path}[${index}]`, what }];
  });
}

function ruleOpenings(rule: unknown, side: 'from' | 'to', path: string): readonly Opening[] {
  const fields = isRecord(rule) ? rule : {};
  const [peers, ports] = [listOf(fields[side]), listOf(fields['ports'])];
  return [
    ...(peers.length === 0 ? [{ path: `${path}.${side}`, what: 'is empty and means anybody' }] : []),
    ...(ports.length === 0 ? [{ path: `${path}.ports`, what: 'is empty and means every port' }] : []),
    ...named(peers, `${path}.${side}`, peerOpening),
    ...named(ports, `${path}.ports`, portOpening),
  ];
}

/** Every clause of a policy that a proposal would never make and that opens more than one pair of workloads. */
export function openingsOf({ spec }: NetworkPolicy): readonly Opening[] {
  const of = (rules: unknown, direction: 'ingress' | 'egress', side: 'from' | 'to'): readonly Opening[] =>
    listOf(rules).flatMap((rule, index) => ruleOpenings(rule, side, `spec.${direction}[${index}]`));
  return [...of(spec.ingress, 'ingress', 'from'), ...of(spec.egress, 'egress', 'to')];
}
