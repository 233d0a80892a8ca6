import { compareText, sortedBy } from '#core/order.ts';
import { describeSelector, describeWrittenPeer, entriesOf, rulesOf } from '../explain/describe-rule.ts';
import { ANY_LABELS, labelOf, mayMean, type Selector, selectorKey, selectorOf } from '../fast/selector.ts';
import { isAbsent, isObject } from '../literal/fault.ts';
import type { NetworkPolicyPeer } from '../network-policy.ts';
import type { Labels, World, WorldNamespace, WorldPod } from '../world.ts';
import { labelsFor } from './selector-labels.ts';

/** Whom a pod that does not exist yet stands for. */
export type NewcomerKind =
  /** No label on it or on its namespace, which is new too: every pod anywhere can be that. */
  | { readonly kind: 'anybody' }
  /** No label on it: every pod of a namespace that is there can be that. */
  | { readonly kind: 'namespace'; readonly namespace: string }
  /** The fewest labels that some rule asks for. */
  | {
      readonly kind: 'labels';
      /** `pods app=cart of namespaces team=shop`. */
      readonly text: string;
      /** No pod of today matches. */
      readonly isNobodyToday: boolean;
    };

/** A pod that does not exist yet, in a namespace that may not either. */
export interface Newcomer {
  readonly who: NewcomerKind;
  readonly pod: WorldPod;
  /** Set when its namespace is new. */
  readonly namespace: WorldNamespace | undefined;
}

/** Everybody who may come, as far as the policies tell newcomers apart. */
export interface Newcomers {
  readonly all: readonly Newcomer[];
  /** Selectors that no labels can ever satisfy, or that are malformed: `pods app=x, app=y …`. */
  readonly impossible: readonly string[];
  /** Selectors that were not looked at: beyond the limit, or at odds with another about the labels of one new namespace. */
  readonly left: number;
}

/** Distinct peers by labels that are looked at; what is beyond is counted. */
const MOST_SELECTORS = 2000;
const METADATA_NAME = 'kubernetes.io/metadata.name';

/** One way in which rules name peers by labels. */
interface Term {
  readonly text: string;
  /** Set when the rule means its own namespace. */
  readonly own: string | undefined;
  readonly namespaces: Selector;
  readonly pods: Selector;
}

/** A name no object can have, so that it is nobody else's. */
const newName = (index: number): string => `(new ${index})`;

export const podOf = (namespace: string, name: string, labels: Labels): WorldPod => ({
  namespace,
  name,
  labels,
  ips: [],
  namedPorts: [],
  hostNetwork: false,
});

/** A namespace that is new carries the label that the API server gives to each. */
export const namespaceOf = (name: string, labels: Labels): WorldNamespace => ({
  name,
  labels: sortedBy(
    [...labels.filter(([key]) => key !== METADATA_NAME), [METADATA_NAME, name] as const],
    ([key]) => key,
  ),
});

const readSelector = (selector: unknown): Selector =>
  isAbsent(selector) ? ANY_LABELS : selectorOf(selector);

function termOf(peer: NetworkPolicyPeer, policyNamespace: string): Term | undefined {
  if (!isObject(peer) || !isAbsent(peer.ipBlock)) return undefined;
  const { podSelector, namespaceSelector } = peer;
  if (isAbsent(podSelector) && isAbsent(namespaceSelector)) return undefined;
  const own = isAbsent(namespaceSelector) ? policyNamespace : undefined;
  const pods = describeSelector(podSelector, '');
  const text =
    own === undefined
      ? describeWrittenPeer(peer)
      : `${pods === '' ? 'every pod' : `pods ${pods}`} of namespace ${own}`;
  return { text, own, namespaces: readSelector(namespaceSelector), pods: readSelector(podSelector) };
}

/** Each distinct peer that rules name by labels; those that mean every pod of a namespace or of all are left out. */
function termsOf({ policies }: World): readonly Term[] {
  const terms = new Map<string, Term>();
  for (const policy of policies) {
    const rules = [...rulesOf(policy, 'ingress'), ...rulesOf(policy, 'egress')];
    const peers = rules.flatMap(({ peers: written }) => entriesOf<NetworkPolicyPeer>(written));
    for (const peer of peers) {
      const term = termOf(peer, policy.metadata?.namespace ?? 'default');
      if (term === undefined) continue;
      const key = JSON.stringify([term.own ?? null, selectorKey(term.namespaces), selectorKey(term.pods)]);
      const asksNothing = term.pods.requirements.length + term.namespaces.requirements.length === 0;
      if (!asksNothing && !terms.has(key)) terms.set(key, term);
    }
  }
  return [...terms.values()].sort((a, b) => compareText(a.text, b.text));
}

/** Pods of today, one of each namespace and set of labels. */
function kindsOf({ pods }: World): readonly WorldPod[] {
  const kinds = new Map<string, WorldPod>();
  for (const pod of pods) {
    const isThere = pod.phase !== 'Succeeded' && pod.phase !== 'Failed' && !pod.hostNetwork;
    if (isThere) kinds.set(JSON.stringify([pod.namespace, pod.labels]), pod);
  }
  return [...kinds.values()];
}

type NamespaceLabels = ReadonlyMap<string, Labels>;

function isMet({ own, namespaces, pods }: Term, pod: WorldPod, labels: NamespaceLabels): boolean {
  const isThere =
    own === undefined ? mayMean(namespaces, labels.get(pod.namespace) ?? []) : pod.namespace === own;
  return isThere && mayMean(pods, pod.labels);
}

/** The namespace in which a pod may come that the term means: a new one, unless the term fixes its name. */
function homeFor(
  { own, namespaces }: Term,
  labels: NamespaceLabels,
  fallback: string,
): { readonly name: string; readonly made: WorldNamespace | undefined } | undefined {
  if (own !== undefined) return { name: own, made: undefined };
  const fixed = labelOf(labelsFor(namespaces) ?? [], METADATA_NAME);
  const name = fixed ?? fallback;
  const known = labels.get(name);
  if (known !== undefined) return mayMean(namespaces, known) ? { name, made: undefined } : undefined;
  const found = labelsFor(namespaces, [[METADATA_NAME, name]]);
  return found && { name, made: namespaceOf(name, found) };
}

function byLabels(term: Term, index: number, today: Today): Newcomer | undefined {
  const home = homeFor(term, today.labels, newName(index));
  const labels = labelsFor(term.pods);
  if (home === undefined || labels === undefined) return undefined;
  const isNobodyToday = !today.kinds.some((pod) => isMet(term, pod, today.labels));
  return {
    who: { kind: 'labels', text: term.text, isNobodyToday },
    pod: podOf(home.name, newName(index), labels),
    namespace: home.made,
  };
}

interface Today {
  readonly labels: NamespaceLabels;
  readonly kinds: readonly WorldPod[];
}

/**
 * Pods that do not exist yet, one for each way in which rules tell newcomers apart. Work grows with distinct selectors
 * times distinct sets of labels of today's pods.
 */
export function newcomersOf(world: World): Newcomers {
  const labels = new Map(world.namespaces.map((each) => [each.name, each.labels]));
  const today: Today = { labels, kinds: kindsOf(world) };
  const home = namespaceOf(newName(0), []);
  const anybody: Newcomer = {
    who: { kind: 'anybody' },
    pod: podOf(home.name, newName(0), []),
    namespace: home,
  };
  const spaces = new Set([...labels.keys(), ...world.pods.map(({ namespace }) => namespace)]);
  const residents = [...spaces].sort(compareText).map(
    (namespace): Newcomer => ({
      who: { kind: 'namespace', namespace },
      pod: podOf(namespace, newName(0), []),
      namespace: undefined,
    }),
  );
  const terms = termsOf(world);
  const all: Newcomer[] = [anybody, ...residents];
  const impossible: string[] = [];
  const made = new Map<string, string>();
  let left = Math.max(0, terms.length - MOST_SELECTORS);
  for (const [index, term] of terms.slice(0, MOST_SELECTORS).entries()) {
    const newcomer = byLabels(term, index + 1, today);
    if (newcomer === undefined) impossible.push(term.text);
    else if (isAtOdds(newcomer, made)) left += 1;
    else all.push(newcomer);
  }
  return { all, impossible, left };
}

/** One new namespace can not have two sets of labels, whatever two rules that fix its name would like. */
function isAtOdds({ namespace }: Newcomer, made: Map<string, string>): boolean {
  if (namespace === undefined) return false;
  const labels = JSON.stringify(namespace.labels);
  const known = made.get(namespace.name) ?? labels;
  made.set(namespace.name, known);
  return known !== labels;
}

/** The world as if everybody had come. */
export function worldWith(world: World, newcomers: readonly Pick<Newcomer, 'pod' | 'namespace'>[]): World {
  const made = newcomers.flatMap(({ namespace }) => (namespace === undefined ? [] : [namespace]));
  return {
    ...world,
    namespaces: [...world.namespaces, ...made],
    pods: [...world.pods, ...newcomers.map(({ pod }) => pod)],
  };
}
