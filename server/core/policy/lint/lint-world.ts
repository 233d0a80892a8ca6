import {
  type ClusterModel,
  type ClusterNamespace,
  type ClusterWorkload,
  describeWorkload,
} from '../cluster/cluster-model.ts';
import type { ManifestProblem } from '../cluster/manifest-problem.ts';
import { type Bits, eachBit, NOBODY, unionOf } from '../fast/bits.ts';
import type { PodsTerm } from '../fast/peer-term.ts';
import { mayMean, type Selector } from '../fast/selector.ts';
import type { CniProfile, Labels } from '../world.ts';
import type { LintRequest } from './finding.ts';
import { GroupIndex, type PodGroup, podGroups } from './pod-groups.ts';
import { type ReadPolicy, type ReadRule, readPolicy } from './read-policy.ts';

/** The label that the API server sets on every namespace. */
export const METADATA_NAME = 'kubernetes.io/metadata.name';

const MOST_NAMED = 4;

/** `a, b and 3 more`. */
export function someOf(names: readonly string[], most = MOST_NAMED): string {
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}

/** What rules ask about one cluster; whatever costs is worked out once, when it is first asked for. */
export class LintWorld {
  readonly model: ClusterModel;
  readonly problems: readonly ManifestProblem[];
  readonly profile: CniProfile;
  private readonly onlySeen: ReadonlySet<string>;
  readonly policies: readonly ReadPolicy[];
  readonly index: GroupIndex;
  /** Filled by rules: what they cut, and what they assumed. */
  readonly notes = new Set<string>();
  private readonly namespaces: ReadonlyMap<string, ClusterNamespace>;
  private readonly policiesByNamespace = new Map<string, ReadPolicy[]>();
  private readonly subjects = new Map<ReadPolicy, Bits>();
  private readonly terms = new Map<string, Bits>();

  constructor({ model, problems, profile, onlySeen }: Omit<LintRequest, 'voices'>) {
    this.model = model;
    this.problems = problems;
    this.profile = profile;
    this.onlySeen = onlySeen;
    this.policies = model.policies.map(readPolicy);
    this.index = new GroupIndex(podGroups(model));
    this.namespaces = new Map(model.namespaces.map((each) => [each.name, each]));
    for (const policy of this.policies) {
      const own = this.policiesByNamespace.get(policy.namespace) ?? [];
      this.policiesByNamespace.set(policy.namespace, own);
      own.push(policy);
    }
  }

  get hasWorkloads(): boolean {
    return this.index.groups.length > 0;
  }

  /** True when pods of the namespace that nobody saw may be there all the same. */
  isOnlySeen(namespace: string): boolean {
    return this.onlySeen.has(namespace);
  }

  /** `seen in the flows `, to be put behind "no pod", where that is all that is known. */
  wasSeenText(namespace: string): string {
    return this.isOnlySeen(namespace) ? 'seen in the flows ' : '';
  }

  get rules(): readonly ReadRule[] {
    return this.policies.flatMap(({ rules }) => rules);
  }

  policiesIn(namespace: string): readonly ReadPolicy[] {
    return this.policiesByNamespace.get(namespace) ?? [];
  }

  labelsOf(namespace: string): Labels {
    return this.namespaces.get(namespace)?.labels ?? [];
  }

  namespaceOf(name: string): ClusterNamespace | undefined {
    return this.namespaces.get(name);
  }

  hasPods(namespace: string): boolean {
    return this.index.inNamespace(namespace).length > 0;
  }

  /** False when objects lie in a namespace that no manifest declares: it may have any label. */
  areLabelsKnown({ source, labels }: ClusterNamespace): boolean {
    return source !== undefined || labels.length > 1;
  }

  /** Namespaces a selector means for sure, and those it may mean, for all that is known of their labels. */
  namespacesMeant(selector: Selector): {
    readonly sure: readonly string[];
    readonly maybe: readonly string[];
  } {
    const onName = selector.requirements.filter(({ key }) => key === METADATA_NAME);
    const isOnNameAlone = onName.length === selector.requirements.length;
    const sure: string[] = [];
    const maybe: string[] = [];
    for (const namespace of selector.isSound ? this.model.namespaces : []) {
      if (isOnNameAlone || this.areLabelsKnown(namespace)) {
        if (mayMean(selector, namespace.labels)) sure.push(namespace.name);
      } else if (mayMean({ requirements: onName, isSound: true }, namespace.labels)) {
        maybe.push(namespace.name);
      }
    }
    return { sure, maybe };
  }

  /** Groups of pods that a policy is about. */
  subjectsOf(policy: ReadPolicy): Bits {
    const known = this.subjects.get(policy);
    if (known !== undefined) return known;
    const made = this.index.selectable(this.index.meant(policy.subject, policy.namespace));
    this.subjects.set(policy, made);
    return made;
  }

  /** Groups of pods that a peer means. */
  peersOf(term: PodsTerm): Bits {
    const known = this.terms.get(term.key);
    if (known !== undefined) return known;
    const groups = this.groupsMeant(term);
    const made = this.profile.selectorsFindHostNetwork
      ? this.index.all(groups)
      : this.index.selectable(groups);
    this.terms.set(term.key, made);
    return made;
  }

  /** Some networks meet nodes under a namespace of their own; true for selectors that mean it. */
  meansNodes(selector: Selector | undefined): boolean {
    const { nodeNamespace } = this.profile;
    return selector !== undefined && nodeNamespace !== undefined && mayMean(selector, nodeNamespace.labels);
  }

  /** The same with pods on the network of their node, whom policies of most networks can not mean. */
  groupsMeant({ namespace, namespaces, pods }: PodsTerm): readonly PodGroup[] {
    const wanted = pods ?? { requirements: [], isSound: true };
    if (namespaces === undefined) return this.index.meant(wanted, namespace);
    const sure = new Set(this.namespacesMeant(namespaces).sure);
    if (sure.size === 1) return [...sure].flatMap((name) => this.index.meant(wanted, name));
    return this.index.meant(wanted).filter((group) => sure.has(group.namespace));
  }

  /** Pods to which a rule lets connections through: its subjects, or the pods it names for egress. */
  destinationsOf(rule: ReadRule): Bits {
    if (rule.direction === 'ingress') return this.subjectsOf(rule.policy);
    const terms = rule.peers.flatMap(({ term }) => (term?.kind === 'pods' ? [term] : []));
    return terms.length === 0 ? NOBODY : unionOf(terms.map((term) => this.peersOf(term)));
  }

  groupsOf(bits: Bits): readonly PodGroup[] {
    const groups: PodGroup[] = [];
    eachBit(bits, (id) => {
      const group = this.index.groups[id];
      if (group !== undefined) groups.push(group);
    });
    return groups;
  }

  workloadsOf(groups: readonly PodGroup[]): readonly ClusterWorkload[] {
    const ids = new Set(groups.flatMap(({ workloads }) => [...workloads]));
    return [...ids].sort((a, b) => a - b).flatMap((id) => this.model.workloads[id] ?? []);
  }

  /** `shop/cart[Deployment], shop/db[StatefulSet] and 3 more`. */
  describeGroups(groups: readonly PodGroup[], most?: number): string {
    return someOf(this.workloadsOf(groups).map(describeWorkload), most);
  }
}
