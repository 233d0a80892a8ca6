import type { WorkloadId } from '#core/identity/peer.ts';
import { podLabelKeys } from '../certify/policy-facts.ts';
import { oneOfEach, type PodView, podView } from '../explain/pod-view.ts';
import { type Population, type Resident, SelectorBook } from '../explain/population.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { CniProfile, Endpoint, World, WorldPod } from '../world.ts';

/** The policies that may speak about a pair of ends: those of their namespaces, and no other. */
export interface Bench {
  readonly world: World;
  /** Some policy looks at labels of pods: what it says of a pod without any known is a guess. */
  readonly looksAtLabels: boolean;
}

const namespaceOf = (end: Endpoint): string => (end.kind === 'pod' ? end.pod.namespace : '');

/** What a recording is replayed against: who was there, which policies, on which network. */
export class ReplayCourt {
  readonly population: Population;
  readonly profile: CniProfile;
  readonly book: SelectorBook;
  private readonly policies: readonly NetworkPolicy[];
  private readonly view: PodView;
  private readonly byOwner = new Map<string, Resident[]>();
  private readonly benches = new Map<string, Bench>();
  private readonly unlabelledNamespaces: ReadonlySet<string>;

  constructor(population: Population, policies: readonly NetworkPolicy[], profile: CniProfile) {
    this.population = population;
    this.policies = policies;
    this.profile = profile;
    this.book = new SelectorBook(population);
    this.view = podView(policies, profile);
    for (const resident of population.residents) {
      const own = this.byOwner.get(resident.owner);
      if (own === undefined) this.byOwner.set(resident.owner, [resident]);
      else own.push(resident);
    }
    // Every namespace has one label for certain; the network shows the others too, or none of them.
    this.unlabelledNamespaces = new Set(
      population.namespaces.filter(({ labels }) => labels.length < 2).map(({ name }) => name),
    );
  }

  /** A resident of the workload; undefined when none is known. */
  residentOf(workload: WorkloadId): Resident | undefined {
    return this.byOwner.get(workload)?.[0];
  }

  /**
   * The pods of a workload that the policies can tell apart: of those named, as `namespace/pod`, or of all when none
   * of them is known.
   */
  podsOf(workload: WorkloadId, named: ReadonlySet<string>): readonly WorldPod[] {
    const all = this.byOwner.get(workload) ?? [];
    const own = all.filter(({ pod }) => named.has(`${pod.namespace}/${pod.name}`));
    const pods = (own.length > 0 ? own : all).map(({ pod }) => pod);
    return oneOfEach(pods, this.view);
  }

  isForeign(workload: WorkloadId): boolean {
    return this.residentOf(workload)?.isForeign ?? false;
  }

  /** True when the recording does not show how the namespace is labelled. */
  isUnlabelled(namespace: string): boolean {
    return this.unlabelledNamespaces.has(namespace);
  }

  benchFor(from: Endpoint, to: Endpoint): Bench {
    const [first, second] = [namespaceOf(from), namespaceOf(to)];
    const key = `${first}/${second}`;
    const known = this.benches.get(key);
    if (known !== undefined) return known;
    const policies = this.policies.filter((policy) => {
      const namespace = policy.metadata?.namespace ?? 'default';
      return namespace === first || namespace === second;
    });
    const world: World = { namespaces: this.population.namespaces, pods: [], policies };
    const bench = { world, looksAtLabels: podLabelKeys(policies).size > 0 };
    this.benches.set(key, bench);
    return bench;
  }
}
