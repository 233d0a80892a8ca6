import type { WorkloadId } from '#core/identity/peer.ts';
import type { PolicyDirection } from '../literal/verdict.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { NamespaceIsolation, ProposedPolicy } from '../proposal.ts';
import type { CniProfile, WorldNamespace, WorldPod } from '../world.ts';
import type { ExcessCell } from './excess.ts';
import {
  isIsolated,
  isolatingOf,
  type ObservedConnection,
  type ObservedEdge,
  PolicyBench,
} from './observed.ts';
import type { GovernedPods } from './subjects.ts';

/** Why a policy that admits too much stays. */
export const KEPT_REASONS = [
  /** Something observed rests on it, and no rule of the proposal admits that. */
  'needed-by-observed',
  /** It isolates pods that nothing else would. */
  'isolates-others',
  /** The recording does not tell whether its rules were used, e.g. since they name ports. */
  'use-unknown',
  /** It also governs workloads that the proposal is not about. */
  'governs-others',
] as const;
export type KeptReason = (typeof KEPT_REASONS)[number];

export interface KeptPolicy {
  readonly policy: NetworkPolicy;
  readonly reason: KeptReason;
  /** Lines of edges, or workloads and namespaces. */
  readonly because: readonly string[];
}

/** What is known before anything is decided. */
export interface MixRequest {
  readonly existing: readonly NetworkPolicy[];
  readonly proposed: readonly ProposedPolicy[];
  readonly isolation: readonly NamespaceIsolation[];
  readonly observed: readonly ObservedEdge[];
  readonly excess: readonly ExcessCell[];
  readonly subjects: readonly GovernedPods[];
  /** Policies with a rule of which the recording does not say whether it was used. */
  readonly unsure: ReadonlySet<NetworkPolicy>;
  readonly namespaces: readonly WorldNamespace[];
  readonly profile: CniProfile;
}

/** Existing policies, less those that go, with the new ones that are needed. */
export interface Mix {
  readonly removed: readonly NetworkPolicy[];
  /** Too wide, and kept all the same. */
  readonly kept: readonly KeptPolicy[];
  readonly added: readonly ProposedPolicy[];
  readonly addedIsolation: readonly NamespaceIsolation[];
  /** Everything that is in force then. */
  readonly policies: readonly NetworkPolicy[];
}

const DIRECTIONS: readonly PolicyDirection[] = ['ingress', 'egress'];

const idOf = ({ metadata }: NetworkPolicy): string => `${metadata.namespace ?? 'default'}/${metadata.name}`;

/** Somebody in a namespace of whom nothing is known: what isolates it isolates whoever comes next. */
const strangerIn = (namespace: string): WorldPod => ({
  namespace,
  name: 'a-pod-to-come',
  labels: [],
  ips: [],
  namedPorts: [],
  hostNetwork: false,
});

const MOST_NAME = 240;

/** Beside an existing policy of its name, which applying it would overwrite. */
const renamed = (each: ProposedPolicy): ProposedPolicy => {
  const { policy } = each;
  const name = `${policy.metadata.name.slice(0, MOST_NAME)}-added`;
  return { ...each, policy: { ...policy, metadata: { ...policy.metadata, name } } };
};

/** A side of an observed connection. */
interface WantedSide extends Pick<ObservedConnection, 'connection'> {
  readonly direction: PolicyDirection;
}

/** The search for the smallest change; every round puts something back, so that it ends. */
class Search {
  readonly kept = new Map<NetworkPolicy, { reason: KeptReason; because: Set<string> }>();
  private readonly request: MixRequest;
  private readonly everything: PolicyBench;
  private readonly proposal: PolicyBench;
  private readonly before: PolicyBench;
  private readonly removed: Set<NetworkPolicy>;
  private readonly forced = new Set<ProposedPolicy>();
  private readonly pods = new Map<WorkloadId, WorldPod[]>();
  /** Sides of what was observed that the proposal admits, by workload. */
  private readonly wanted = new Map<WorkloadId, WantedSide[]>();
  /** What existing and proposed policies together admit. */
  private readonly promised: { readonly each: ObservedConnection; readonly line: string }[] = [];

  constructor(request: MixRequest) {
    this.request = request;
    const { existing, proposed, isolation, excess } = request;
    const fresh = [...proposed, ...isolation].map(({ policy }) => policy);
    this.everything = this.bench([...existing, ...fresh]);
    this.proposal = this.bench(fresh);
    this.before = this.bench(existing);
    this.removed = new Set(excess.flatMap(({ by }) => by.map(({ policy }) => policy)));
    for (const policy of [...this.removed].filter((each) => request.unsure.has(each)))
      this.putBack([policy], 'use-unknown', []);
    for (const subject of request.subjects) this.enrol(subject);
    for (const edge of request.observed) for (const each of edge.connections) this.promise(each, edge);
  }

  /** What a policy means for workloads that the proposal is not about, nobody has looked at. */
  private enrol({ id, isInScope, resident: { pod, text } }: GovernedPods): void {
    const known = this.pods.get(id);
    if (known === undefined) this.pods.set(id, [pod]);
    else known.push(pod);
    if (isInScope) return;
    for (const direction of DIRECTIONS)
      this.putBack(isolatingOf(this.before, pod, direction), 'governs-others', [text]);
  }

  private promise(each: ObservedConnection, { edge, line, isRejected }: ObservedEdge): void {
    if (!isRejected && this.everything.admits(each)) this.promised.push({ each, line });
    const verdict = this.proposal.verdict(each.connection);
    if (verdict.reason !== 'policy') return;
    for (const direction of each.own) {
      const peer = direction === 'egress' ? edge.from : edge.to;
      if (peer.kind !== 'workload' || !verdict[direction].allowed) continue;
      const sides = this.wanted.get(peer.id) ?? [];
      this.wanted.set(peer.id, sides);
      sides.push({ connection: each.connection, direction });
    }
  }

  private bench(policies: readonly NetworkPolicy[]): PolicyBench {
    return new PolicyBench(policies, this.request.namespaces, this.request.profile);
  }

  run(): Mix {
    for (;;) {
      const mix = this.mix();
      const bench = this.bench(mix.policies);
      const isChanged = this.closeOpened(bench) || this.admitLost(bench);
      if (!isChanged) return mix;
    }
  }

  private mix(): Mix {
    const { existing, proposed, isolation } = this.request;
    const kept = existing.filter((policy) => !this.removed.has(policy));
    const rest = this.bench(kept);
    const names = new Set(kept.map(idOf));
    const added = proposed
      .filter((each) => this.forced.has(each) || this.isNeeded(each, rest))
      .map((each) => (names.has(idOf(each.policy)) ? renamed(each) : each));
    const withAdded = this.bench([...kept, ...added.map(({ policy }) => policy)]);
    const addedIsolation = isolation.filter(({ namespace }) => this.isOpenTo(namespace, withAdded));
    return {
      removed: existing.filter((policy) => this.removed.has(policy)),
      kept: [...this.kept].map(([policy, { reason, because }]) => ({
        policy,
        reason,
        because: [...because],
      })),
      added,
      addedIsolation,
      policies: [...kept, ...[...added, ...addedIsolation].map(({ policy }) => policy)],
    };
  }

  private isOpenTo(namespace: string, bench: PolicyBench): boolean {
    return DIRECTIONS.some((direction) => !isIsolated(bench, strangerIn(namespace), direction));
  }

  /** Its workload is open in a direction, or loses something observed that the proposal admits. */
  private isNeeded({ workload }: ProposedPolicy, rest: PolicyBench): boolean {
    const isOpen = (this.pods.get(workload) ?? []).some((pod) =>
      DIRECTIONS.some((direction) => !isIsolated(rest, pod, direction)),
    );
    const isDenied = ({ connection, direction }: WantedSide): boolean =>
      !rest.verdict(connection)[direction].allowed;
    return isOpen || (this.wanted.get(workload) ?? []).some(isDenied);
  }

  private putBack(
    policies: readonly NetworkPolicy[],
    reason: KeptReason,
    because: readonly string[],
  ): boolean {
    let isChanged = false;
    for (const policy of policies) {
      if (!this.removed.has(policy) && !this.kept.has(policy)) continue;
      isChanged = this.removed.delete(policy) || isChanged;
      const known = this.kept.get(policy) ?? { reason, because: new Set<string>() };
      this.kept.set(policy, known);
      for (const each of because) known.because.add(each);
    }
    return isChanged;
  }

  /** Nobody whom the existing policies isolate may be open afterwards. */
  private closeOpened(bench: PolicyBench): boolean {
    let isChanged = false;
    const close = (pod: WorldPod, text: string): void => {
      for (const direction of DIRECTIONS) {
        const isolating = isolatingOf(this.before, pod, direction);
        if (isolating.length === 0 || isIsolated(bench, pod, direction)) continue;
        isChanged = this.putBack(isolating, 'isolates-others', [text]) || isChanged;
      }
    };
    for (const { resident } of this.request.subjects) close(resident.pod, resident.text);
    for (const namespace of new Set([...this.removed].map(({ metadata }) => metadata.namespace ?? 'default')))
      close(strangerIn(namespace), `whoever else is in namespace ${namespace}`);
    return isChanged;
  }

  /** What existing and proposed policies together admit of what was observed must be admitted afterwards. */
  private admitLost(bench: PolicyBench): boolean {
    let isChanged = false;
    for (const { each, line } of this.promised)
      if (!bench.admits(each)) isChanged = this.admit(each, line, bench) || isChanged;
    return isChanged;
  }

  /** By a policy of the proposal where one does, else by those that were to go. */
  private admit({ connection, own }: ObservedConnection, line: string, bench: PolicyBench): boolean {
    let isChanged = false;
    const [verdict, whole] = [bench.verdict(connection), this.everything.verdict(connection)];
    for (const direction of own) {
      if (verdict[direction].allowed) continue;
      const by = this.everything.rulesOf(whole[direction], connection).map(({ policy }) => policy);
      const fresh = this.request.proposed.find((each) => by.includes(each.policy) && !this.forced.has(each));
      if (fresh !== undefined) {
        this.forced.add(fresh);
        isChanged = true;
      } else isChanged = this.putBack(by, 'needed-by-observed', [line]) || isChanged;
    }
    return isChanged;
  }
}

/**
 * Policies add up, so that a tighter rule has no effect while a wider one stands. This decides which existing policies
 * have to go and which of the proposal have to come: as few as it takes for no side of a workload to admit more than the
 * proposal would, for nobody to be open who was isolated, and for everything observed that existing and proposed policies
 * together admit to be admitted still. Where that can not be had, the wide policy stays, with the reason.
 */
export const mixOf = (request: MixRequest): Mix => new Search(request).run();
