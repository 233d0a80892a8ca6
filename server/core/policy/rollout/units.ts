import { groupedBy } from '#core/identity/multi-index.ts';
import { type Peer, type PeerKey, peerKey, type WorkloadId } from '#core/identity/peer.ts';
import type { JudgedEdge } from '../certificate.ts';
import type { StandIn } from '../certify/stand-ins.ts';
import { worseOf } from '../generate/confidence.ts';
import { workloadsOf } from '../holdout/loss.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { ConfidenceGrade, ProposedPolicy } from '../proposal.ts';
import type { WaveKind } from './rollout-plan.ts';

/** From so many clients on, a workload counts as shared. */
const SHARED_FROM = 5;

/** Policies that select a pod in common: applied apart, the first would close pods that the second opens. */
export interface Unit {
  /** Those that select the fewest pods first, so that a wide selector finds the rules of whom it closes in place. */
  readonly policies: readonly ProposedPolicy[];
  readonly kind: WaveKind;
  readonly isDoubtful: boolean;
  /** Closes a direction of its workloads in which nothing was seen. */
  readonly isBlind: boolean;
  readonly confidence: ConfidenceGrade;
  /** Distinct peers that were seen to call its workloads. */
  readonly clients: number;
  /** Training conversations of its workloads that the proposal admits. */
  readonly conversations: number;
  /** Names it, and settles every tie. */
  readonly key: string;
}

/** The grade of a policy is that of the weakest of its rules; one without rules closes and admits nothing. */
export const gradeOf = ({ reasons }: ProposedPolicy): ConfidenceGrade =>
  reasons.map(({ confidence }) => confidence).reduce(worseOf, 'A');

/** The name of a policy in its cluster. */
export const policyKey = ({ metadata }: NetworkPolicy): string =>
  `${metadata.namespace ?? 'default'}/${metadata.name}`;

/** Who was seen to call each workload, with conversations that the proposal admits; a node is no client. */
export function clientsOf(edges: readonly JudgedEdge[]): ReadonlyMap<WorkloadId, ReadonlySet<PeerKey>> {
  const clients = new Map<WorkloadId, Set<PeerKey>>();
  const isClient = (peer: Peer): boolean => peer.kind !== 'entity' || peer.entity === 'world';
  for (const { from, to, admitted } of edges) {
    if (!admitted || to.kind !== 'workload' || !isClient(from) || peerKey(from) === peerKey(to)) continue;
    const known = clients.get(to.id);
    if (known === undefined) clients.set(to.id, new Set([peerKey(from)]));
    else known.add(peerKey(from));
  }
  return clients;
}

/** Training conversations of each workload that the proposal admits, as client or server. */
export function trafficOf(edges: readonly JudgedEdge[]): ReadonlyMap<WorkloadId, number> {
  const traffic = new Map<WorkloadId, number>();
  for (const edge of edges.filter(({ admitted }) => admitted)) {
    for (const id of workloadsOf(edge)) traffic.set(id, (traffic.get(id) ?? 0) + edge.conversations);
  }
  return traffic;
}

/** Sets that grow together (R. E. Tarjan, "Efficiency of a good but not linear set union algorithm", JACM 22, 1975). */
class Together<T> {
  private readonly heads = new Map<T, T>();

  headOf(item: T): T {
    let head = item;
    for (let up = this.heads.get(head); up !== undefined; up = this.heads.get(head)) head = up;
    if (head !== item) this.heads.set(item, head);
    return head;
  }

  join(a: T, b: T): void {
    const [first, second] = [this.headOf(a), this.headOf(b)];
    if (first !== second) this.heads.set(second, first);
  }
}

export interface UnitContext {
  readonly standIns: readonly StandIn[];
  readonly clients: ReadonlyMap<WorkloadId, ReadonlySet<PeerKey>>;
  readonly traffic: ReadonlyMap<WorkloadId, number>;
  /** Workloads of which the hold-out lost conversations, or the proposal admits not all that was seen. */
  readonly doubtful: ReadonlySet<WorkloadId>;
  /** Workloads of which something was seen in both directions. */
  readonly known: ReadonlySet<WorkloadId>;
}

const selectedBy = ({ selecting }: StandIn): ReadonlySet<NetworkPolicy> =>
  new Set([...selecting.ingress, ...selecting.egress]);

function kindOf(clients: number): WaveKind {
  if (clients === 0) return 'consumers';
  return clients < SHARED_FROM ? 'providers' : 'shared';
}

/** What may only be applied together, each with what a plan orders it by. */
export function unitsOf(policies: readonly ProposedPolicy[], context: UnitContext): readonly Unit[] {
  const owners = new Map(policies.map((each): [NetworkPolicy, ProposedPolicy] => [each.policy, each]));
  const together = new Together<ProposedPolicy>();
  const pods = new Map<ProposedPolicy, number>();
  for (const standIn of context.standIns) {
    const own = [...selectedBy(standIn)]
      .map((policy) => owners.get(policy))
      .filter((each) => each !== undefined);
    for (const policy of own) pods.set(policy, (pods.get(policy) ?? 0) + 1);
    const [first] = own;
    if (first !== undefined) for (const other of own) together.join(first, other);
  }
  const groups = groupedBy(policies, (policy) => policyKey(together.headOf(policy).policy));
  return groups.map((group) => unitOf(group, pods, context));
}

function unitOf(
  group: readonly ProposedPolicy[],
  pods: ReadonlyMap<ProposedPolicy, number>,
  { clients, traffic, doubtful, known }: UnitContext,
): Unit {
  const policies = group.toSorted(
    (a, b) => (pods.get(a) ?? 0) - (pods.get(b) ?? 0) || (policyKey(a.policy) < policyKey(b.policy) ? -1 : 1),
  );
  const callers = new Set(policies.flatMap(({ workload }) => [...(clients.get(workload) ?? [])]));
  const confidence = policies.map(gradeOf).reduce(worseOf, 'A');
  return {
    policies,
    kind: kindOf(callers.size),
    isDoubtful: confidence > 'B' || policies.some(({ workload }) => doubtful.has(workload)),
    isBlind: policies.some(({ workload }) => !known.has(workload)),
    confidence,
    clients: callers.size,
    conversations: policies.reduce((sum, { workload }) => sum + (traffic.get(workload) ?? 0), 0),
    key: policies[0] === undefined ? '' : policyKey(policies[0].policy),
  };
}
