import { isInScope, type Scope } from '#core/baseline/training-window.ts';
import { type PeerKey, parseWorkloadId, peerKey, type WorkloadId } from '#core/identity/peer.ts';
import { evaluate } from '../literal/evaluate.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { CniProfile, Connection, World, WorldPod } from '../world.ts';
import type { CertifiedWorld } from './certified-world.ts';
import { LocalWorlds } from './local-worlds.ts';
import { podLabelKeys } from './policy-facts.ts';

/** A pod that stands for all of its workload that the policies can not tell apart from it. */
export interface StandIn {
  readonly place: PeerKey;
  readonly workload: WorkloadId;
  readonly inScope: boolean;
  /** Of another cluster, where none of these policies is applied: its own side is open, whatever they select. */
  readonly isForeign: boolean;
  readonly pod: WorldPod;
  /** Another pod of the same kind: a pod may always talk with itself, its replicas may not. */
  readonly twin: WorldPod;
  /** The policies that select it in each direction: the only ones that have a say there. */
  readonly selecting: {
    readonly ingress: readonly NetworkPolicy[];
    readonly egress: readonly NetworkPolicy[];
  };
}

/** What is judged, and how. */
export interface Court {
  readonly certified: CertifiedWorld;
  readonly policies: readonly NetworkPolicy[];
  readonly scope: Scope;
  readonly profile: CniProfile;
}

/** The world with these policies; the judge reads namespaces and policies of it, the ends bring their own pods. */
export const worldWith = (
  { certified }: Pick<Court, 'certified'>,
  policies: readonly NetworkPolicy[],
): World => ({
  namespaces: certified.namespaces,
  pods: certified.pods,
  policies,
});

/** Who selects a pod does not depend on whom it talks to: any address will do to ask the judge. */
const ELSEWHERE = { kind: 'address', ip: '192.0.2.1' } as const;

function selectingOf(pod: WorldPod, worlds: LocalWorlds, profile: CniProfile): StandIn['selecting'] {
  const self = { kind: 'pod', pod } as const;
  const world = worlds.for(self, ELSEWHERE);
  const ask = (ends: Pick<Connection, 'from' | 'to'>) =>
    evaluate(world, { ...ends, protocol: 'TCP', port: 1 }, profile);
  const named = (indexes: readonly number[]): readonly NetworkPolicy[] =>
    indexes.map((index) => world.policies[index]).filter((policy) => policy !== undefined);
  return {
    egress: named(ask({ from: self, to: ELSEWHERE }).egress.selecting),
    ingress: named(ask({ from: ELSEWHERE, to: self }).ingress.selecting),
  };
}

const NOT_SELECTED: StandIn['selecting'] = { ingress: [], egress: [] };

/** Pods that are looked at in one step. */
const PODS_A_STEP = 200;

/**
 * One stand-in for each workload and set of labels that the policies look at. Yields the pods looked at so far; grows
 * with pods × the policies of their namespaces.
 */
export function* standingIn(court: Court): Generator<number, readonly StandIn[]> {
  const { certified, policies, scope, profile } = court;
  const keys = podLabelKeys(policies);
  const worlds = new LocalWorlds(worldWith(court, policies));
  const known = new Map<string, StandIn>();
  for (const [index, pod] of certified.pods.entries()) {
    if (index % PODS_A_STEP === 0) yield index;
    const workload = certified.owners[index]?.workload;
    if (workload === undefined) continue;
    const labels = pod.labels.filter(([key]) => keys.has(key));
    const identity = JSON.stringify([pod.namespace, workload, labels, pod.ips, pod.namedPorts]);
    if (known.has(identity)) continue;
    const isForeign = parseWorkloadId(workload).cluster !== scope.cluster;
    known.set(identity, {
      place: peerKey({ kind: 'workload', id: workload }),
      workload,
      inScope: isInScope(scope, workload),
      isForeign,
      pod,
      twin: { ...pod, name: `${pod.name} (another)` },
      selecting: isForeign ? NOT_SELECTED : selectingOf(pod, worlds, profile),
    });
  }
  return [...known.values()];
}

/** The same in one go. */
export function standInsOf(court: Court): readonly StandIn[] {
  const steps = standingIn(court);
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}
