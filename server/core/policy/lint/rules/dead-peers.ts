import { isNobody } from '../../fast/bits.ts';
import type { PodsTerm } from '../../fast/peer-term.ts';
import { ANY_LABELS, type Selector } from '../../fast/selector.ts';
import type { Draft, LintRule } from '../lint-rule.ts';
import { type LintWorld, METADATA_NAME, someOf } from '../lint-world.ts';
import type { ReadPeer, ReadRule } from '../read-policy.ts';
import { requirementText, selectorText } from '../selector-text.ts';
import { isJudgeable, whyNobody } from './dead-selectors.ts';

/** A peer of pods that, for all that is known, means none. */
interface DeadPeer {
  readonly rule: ReadRule;
  readonly peer: ReadPeer;
  readonly term: PodsTerm;
}

function deadPeers(world: LintWorld): readonly DeadPeer[] {
  return world.rules.flatMap((rule) =>
    rule.peers.flatMap((peer): readonly DeadPeer[] => {
      const { term } = peer;
      if (term?.kind !== 'pods' || !isNobody(world.peersOf(term))) return [];
      if (!isJudgeable(term.pods ?? ANY_LABELS)) return [];
      return [{ rule, peer, term }];
    }),
  );
}

const isInOwnNamespace = ({ term }: DeadPeer): boolean => term.namespaces === undefined;

const podsText = ({ pods }: PodsTerm): string => selectorText(pods ?? ANY_LABELS, 'every pod');

/** Namespaces besides the policy's own in which the same labels would mean somebody. */
function elsewhere(world: LintWorld, { term, rule }: DeadPeer): readonly string[] {
  if (term.pods === undefined || term.pods.requirements.length === 0) return [];
  const found = world.index.meant(term.pods).filter(({ hostNetwork }) => !hostNetwork);
  const names = new Set(found.map(({ namespace }) => namespace));
  names.delete(rule.policy.namespace);
  return [...names].sort();
}

/** True when there are pods the selector means, and they use the network of their node. */
const isOnNodes = (world: LintWorld, { term }: DeadPeer): boolean => world.groupsMeant(term).length > 0;

/** A peer that means nobody in its own namespace, and would in another. */
export const peerOtherNamespace: LintRule = {
  id: 'peer-other-namespace',
  severity: 'warning',
  needs: 'workloads',
  title: 'peer without namespaceSelector whose pods live in another namespace',
  why: "A podSelector alone means pods of the policy's own namespace; those of another are not let through.",
  check: (world) =>
    deadPeers(world)
      .filter((dead) => isInOwnNamespace(dead) && !isOnNodes(world, dead))
      .flatMap((dead): readonly Draft[] => {
        const names = elsewhere(world, dead);
        if (names.length === 0) return [];
        const { rule, peer, term } = dead;
        return [
          {
            about: rule.policy,
            field: peer.field,
            severity: world.isOnlySeen(rule.policy.namespace) ? 'info' : 'warning',
            what: `${podsText(term)} means nobody in ${rule.policy.namespace}; such pods are in ${someOf(names)}`,
            fix: `Add a namespaceSelector on ${METADATA_NAME}: ${names[0] ?? ''} to the same entry, beside the podSelector.`,
          },
        ];
      }),
};

function deadInOwn(world: LintWorld, dead: DeadPeer): readonly Draft[] {
  const { rule, peer, term } = dead;
  const { namespace } = rule.policy;
  // Where nobody lives at all, the policy itself is the finding.
  if (!world.hasPods(namespace) || elsewhere(world, dead).length > 0) return [];
  const why = whyNobody(world, term.pods ?? ANY_LABELS, namespace);
  return [
    {
      about: rule.policy,
      field: peer.field,
      severity: world.isOnlySeen(namespace) ? 'info' : 'warning',
      what: `no pod ${world.wasSeenText(namespace)}of ${namespace} is ${podsText(term)} (${why})`,
      fix: 'Take labels from the pod template of the workload that is meant, or remove the peer if it is gone.',
    },
  ];
}

function deadInOthers(world: LintWorld, { rule, peer, term }: DeadPeer): readonly Draft[] {
  const { sure, maybe } = world.namespacesMeant(term.namespaces ?? ANY_LABELS);
  const inhabited = sure.filter((name) => world.hasPods(name));
  // A namespace whose labels nobody declared may be the one; one without workloads here may live elsewhere.
  if (maybe.length > 0 || inhabited.length === 0) return [];
  return [
    {
      about: rule.policy,
      field: peer.field,
      severity: inhabited.some((name) => world.isOnlySeen(name)) ? 'info' : 'warning',
      what: `no pod of ${someOf(inhabited)} is ${podsText(term)} (${whyNobody(world, term.pods ?? ANY_LABELS, inhabited[0] ?? '')})`,
      fix: 'Take labels from the pod template of the workload that is meant, or remove the peer if it is gone.',
    },
  ];
}

/** A peer that means nobody. */
export const peerNone: LintRule = {
  id: 'peer-none',
  severity: 'warning',
  needs: 'workloads',
  title: 'peer matches no pod',
  why: 'The rule lets nobody through, so what it was written for is blocked, and the policy looks wider than it is.',
  check: (world) =>
    deadPeers(world)
      .filter((dead) => !isOnNodes(world, dead))
      .flatMap((dead) => (isInOwnNamespace(dead) ? deadInOwn(world, dead) : deadInOthers(world, dead))),
};

/** A peer whose pods all use the network of their node. */
export const hostNetworkPeer: LintRule = {
  id: 'host-network-peer',
  severity: 'warning',
  needs: 'workloads',
  title: 'peer means only pods on the network of their node',
  why: 'Traffic of hostNetwork pods bears the address of their node, so a podSelector never matches it.',
  check: (world) =>
    (world.profile.selectorsFindHostNetwork ? [] : deadPeers(world))
      .filter((dead) => isOnNodes(world, dead))
      .map(({ rule, peer, term }) => ({
        about: rule.policy,
        field: peer.field,
        what: `${podsText(term)} means ${world.describeGroups(world.groupsMeant(term))}, on the network of the node`,
        fix: world.profile.ipBlockMatchesNodes
          ? 'Name the addresses of the nodes in an ipBlock; a node reaches its own pods anyway.'
          : 'This network gives nodes an identity of their own: use its entities (host, remote-node); a node reaches its own pods anyway.',
      })),
};

/** Values that declared namespaces give to a label, sorted. */
function valuesCarried({ model }: LintWorld, key: string): readonly string[] {
  const labels = model.namespaces.filter(({ source }) => source !== undefined).flatMap((each) => each.labels);
  return [...new Set(labels.filter(([name]) => name === key).map(([, value]) => value))].sort();
}

const isCarried = (world: LintWorld, key: string): boolean =>
  key !== METADATA_NAME && valuesCarried(world, key).length > 0;

/** What is said of a namespaceSelector without any namespace. */
function selectorDraft(world: LintWorld, { requirements }: Selector): Pick<Draft, 'severity' | 'what'> {
  const text = requirements.map(requirementText).join(', ');
  const other = requirements.find(({ key }) => isCarried(world, key));
  // Without a namespace that carries the label otherwise, the one that is meant may lie in another folder.
  if (other === undefined) return { severity: 'info', what: `no namespace here has ${text}` };
  const values = someOf(valuesCarried(world, other.key));
  return { severity: 'warning', what: `no namespace here has ${text}; ${other.key} is ${values} here` };
}

/** A namespaceSelector that means no namespace. */
export const namespaceSelectorNone: LintRule = {
  id: 'namespace-selector-none',
  severity: 'warning',
  needs: 'workloads',
  title: 'namespaceSelector matches no namespace',
  why: 'namespaceSelector looks at the labels of Namespace objects, not of pods; without a match the peer is nobody.',
  check: (world) =>
    world.rules.flatMap((rule) =>
      rule.peers.flatMap(({ field, term }): readonly Draft[] => {
        if (term?.kind !== 'pods' || term.namespaces === undefined) return [];
        const { sure, maybe } = world.namespacesMeant(term.namespaces);
        if (sure.length > 0 || maybe.length > 0 || world.meansNodes(term.namespaces)) return [];
        return [
          {
            about: rule.policy,
            field: `${field}.namespaceSelector`,
            ...selectorDraft(world, term.namespaces),
            fix: `Label the namespace, or select it by ${METADATA_NAME}, which every namespace has.`,
          },
        ];
      }),
    ),
};

const LOOKALIKES = ['name', 'namespace'];

/** `name: monitoring` where the label of every namespace was meant. */
export const namespaceNameLabel: LintRule = {
  id: 'namespace-name-label',
  severity: 'warning',
  needs: 'policies',
  title: 'namespaceSelector by a home-made name label',
  why: `Only ${METADATA_NAME} is set by the API server; a label called name has to be put on the namespace by hand, and whoever may edit the namespace may put it on another.`,
  check: (world) => {
    const carried = new Set(world.model.namespaces.flatMap(({ labels }) => labels.map(([key]) => key)));
    return world.rules.flatMap((rule) =>
      rule.peers.flatMap(({ field, term }): readonly Draft[] => {
        const asked = term?.kind === 'pods' ? (term.namespaces?.requirements ?? []) : [];
        return asked
          .filter(({ key, kind }) => kind === 'in' && LOOKALIKES.includes(key) && !carried.has(key))
          .map(({ key, values }) => ({
            about: rule.policy,
            field: `${field}.namespaceSelector`,
            what: `it asks for a namespace with the label ${key}=${someOf(values)}, and no namespace is known to carry it`,
            fix: `Write ${METADATA_NAME}: ${values[0] ?? ''}.`,
          }));
      }),
    );
  },
};
