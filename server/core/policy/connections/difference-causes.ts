import { isAbsent } from '../literal/fault.ts';
import type { DirectionVerdict, RuleRef } from '../literal/verdict.ts';
import type { NetworkPolicy, NetworkPolicyPeer } from '../network-policy.ts';
import type { CniProfile, Connection, Endpoint } from '../world.ts';
import type { HeardVerdict } from './literal-judge.ts';

/** Why a network answers otherwise than the specification. */
export const CAUSE_KINDS = [
  /** An ipBlock that holds the address of a pod. */
  'block-and-pod',
  /** An ipBlock that holds the address of a node. */
  'block-and-node',
  /** Selectors of a peer that fit a pod on its node's network. */
  'selector-and-host-network',
  /** A peer that means the namespace under which nodes are met. */
  'node-namespace',
  /** A pod that no controller made. */
  'bare-pod',
  /** A pod and the node it runs on. */
  'own-node',
] as const;
export type CauseKind = (typeof CAUSE_KINDS)[number];

export interface FoundCause {
  readonly kind: CauseKind;
  readonly policies: readonly NetworkPolicy[];
  /** `ingress[0].from[1]`. */
  readonly rule: string | undefined;
}

/** One connection that the two answer differently about. */
export interface Differing {
  readonly connection: Connection;
  readonly spec: HeardVerdict;
  readonly there: HeardVerdict;
  /** What happens on the network. */
  readonly effect: 'allowed' | 'denied';
}

const NO_RULE = { policies: [], rule: undefined };

/** Every cause of a difference; each alone would be one. */
export function causesOf(differing: Differing): readonly FoundCause[] {
  const { spec, there, effect } = differing;
  if (there.verdict.reason !== spec.verdict.reason) return [{ kind: 'own-node', ...NO_RULE }];
  const [more, less] = effect === 'allowed' ? [there, spec] : [spec, there];
  return (['egress', 'ingress'] as const).flatMap((direction) => {
    const [open, closed] = [more.verdict[direction], less.verdict[direction]];
    if (open.allowed === closed.allowed) return [];
    if (!open.isolated) {
      return [{ kind: 'bare-pod' as const, policies: policiesAt(less, closed), rule: undefined }];
    }
    return open.allowedBy.flatMap((ref) => ruleCause(ref, more, [direction, differing.connection]));
  });
}

const policiesAt = ({ world }: HeardVerdict, { selecting }: DirectionVerdict): readonly NetworkPolicy[] =>
  selecting.map((index) => world.policies[index]).filter((policy) => policy !== undefined);

function ruleCause(
  ref: RuleRef,
  { world, profile }: HeardVerdict,
  [direction, { from, to }]: readonly ['ingress' | 'egress', Connection],
): readonly FoundCause[] {
  const policy = world.policies[ref.policy];
  if (policy === undefined) return [];
  const side = direction === 'ingress' ? 'from' : 'to';
  const rule = `${direction}[${ref.rule}]${ref.peer === undefined ? '' : `.${side}[${ref.peer}]`}`;
  const peers = (policy.spec[direction]?.[ref.rule] as Record<string, readonly NetworkPolicyPeer[]>)?.[side];
  const peer = ref.peer === undefined ? undefined : peers?.[ref.peer];
  const other = direction === 'ingress' ? from : to;
  return [{ kind: kindOf(peer, other, profile), policies: [policy], rule }];
}

function kindOf(peer: NetworkPolicyPeer | undefined, other: Endpoint, profile: CniProfile): CauseKind {
  const isNode = other.kind !== 'pod' || other.pod.hostNetwork;
  if (peer !== undefined && !isAbsent(peer.ipBlock)) return isNode ? 'block-and-node' : 'block-and-pod';
  return profile.nodeNamespace === undefined ? 'selector-and-host-network' : 'node-namespace';
}
