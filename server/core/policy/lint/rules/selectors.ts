import { isNobody } from '../../fast/bits.ts';
import type { Selector } from '../../fast/selector.ts';
import type { Draft, LintRule } from '../lint-rule.ts';
import type { LintWorld } from '../lint-world.ts';
import type { ReadPolicy, ReadRule } from '../read-policy.ts';
import { requirementText, selectorText } from '../selector-text.ts';
import { volatilityOf } from '../volatile-labels.ts';

function volatileIn(policy: ReadPolicy, field: string, selector: Selector | undefined): readonly Draft[] {
  return (selector?.requirements ?? []).flatMap((requirement): readonly Draft[] => {
    const volatility = volatilityOf(requirement.key);
    if (volatility === undefined || requirement.kind === 'absent' || requirement.kind === 'exists') return [];
    return [
      {
        about: policy,
        field,
        severity: volatility.severity,
        what: `it selects by ${requirementText(requirement)}, and ${requirement.key} ${volatility.changes}`,
        fix: "Select by the labels of the controller's own selector instead: spec.selector.matchLabels, which can not change.",
      },
    ];
  });
}

/** Selectors on labels that do not last. */
export const volatileLabel: LintRule = {
  id: 'volatile-label',
  severity: 'error',
  needs: 'policies',
  title: 'selector on a label that does not last',
  why: 'Once the label changes the policy selects nobody, and pods that no policy selects are open.',
  check: (world) =>
    world.policies.flatMap((policy) => [
      ...volatileIn(policy, 'spec.podSelector', policy.subject),
      ...policy.rules.flatMap(({ peers }) =>
        peers.flatMap(({ field, term }) =>
          term?.kind === 'pods' ? volatileIn(policy, `${field}.podSelector`, term.pods) : [],
        ),
      ),
    ]),
};

/** A peer by labels of pods alone beside one by labels of namespaces alone. */
interface Split {
  readonly rule: ReadRule;
  readonly field: string;
  readonly pods: Selector;
  readonly namespaces: Selector;
}

function splitPeers(rule: ReadRule): readonly Split[] {
  return rule.peers.slice(1).flatMap((second, at): readonly Split[] => {
    const first = rule.peers[at];
    const terms = [first?.term, second.term].flatMap((term) => (term?.kind === 'pods' ? [term] : []));
    const ofPods = terms.find(({ namespaces, pods }) => namespaces === undefined && pods !== undefined);
    const ofNamespaces = terms.find(({ namespaces, pods }) => namespaces !== undefined && pods === undefined);
    if (ofPods?.pods === undefined || ofNamespaces?.namespaces === undefined) return [];
    if (ofPods.pods.requirements.length === 0) return [];
    return [{ rule, field: second.field, pods: ofPods.pods, namespaces: ofNamespaces.namespaces }];
  });
}

/** Nobody in the policy's own namespace is meant, and somebody in the namespaces of the entry beside it is. */
function isSurelySplit(world: LintWorld, { rule, pods, namespaces }: Split): boolean {
  const { namespace } = rule.policy;
  const own = world.index.selectable(world.index.meant(pods, namespace));
  const { sure } = world.namespacesMeant(namespaces);
  const there = sure.flatMap((name) => (name === namespace ? [] : world.index.meant(pods, name)));
  return isNobody(own) && there.length > 0;
}

/** A dash too many: two peers where one was meant. */
export const splitPeer: LintRule = {
  id: 'split-peer',
  severity: 'warning',
  needs: 'policies',
  title: 'podSelector and namespaceSelector as two entries',
  why: 'Entries of from and to are alternatives: the one with the namespaceSelector lets every pod of those namespaces through.',
  check: (world) =>
    world.rules.flatMap(splitPeers).flatMap((split): readonly Draft[] => {
      const { rule, field, pods, namespaces } = split;
      const isSure = namespaces.requirements.length === 0 || isSurelySplit(world, split);
      const whom = namespaces.requirements.length === 0 ? 'every namespace' : selectorText(namespaces, '');
      return [
        {
          about: rule.policy,
          field,
          severity: isSure ? 'warning' : 'info',
          what: `two entries, so that every pod of ${whom} is let through, not only ${selectorText(pods, 'every pod')} of them`,
          fix: 'Remove the dash before the second selector if both must hold; keep it if either will do.',
        },
      ];
    }),
};
