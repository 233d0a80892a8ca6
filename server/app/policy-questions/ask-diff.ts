import { modelOfSeen } from '#core/policy/cluster/model-of-flows.ts';
import { diffPolicies, type PolicyDiff } from '#core/policy/diff/policy-diff.ts';
import { populationOfSeen } from '#core/policy/explain/population.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { CniProfile } from '#core/policy/world.ts';
import { failed, ok, type Result } from '#core/result.ts';
import { type DiffShown, diffAnswer, diffNotes, narrowedDiff, totalsOf, yamlDiffOf } from './answers/diff.ts';
import { Cuts } from './cuts.ts';
import { type Ground, isSeen, profileOf, type SeenGround, type Selected } from './ground.ts';
import { sourcesOf } from './placed-policies.ts';
import type { Answered, DiffQuestion, QuestionFailure } from './question.ts';

/** What makes the answer say `failed`, as it makes the command exit with code 1. */
const FAIL_ON = new Set(['widened', 'breaks-observed'] as const);

function isNobodyKnown(sides: readonly Selected[], ground: Ground, seen: SeenGround): boolean {
  const declared = [...sides, ground.current()].some((side) => (side?.model.workloads.length ?? 0) > 0);
  return !declared && seen.world.pods.length === 0;
}

/** The server's own manifests say who is on both sides, where they declare workloads at all. */
function compared(
  sides: { readonly old: Selected; readonly new: Selected },
  ground: Ground,
  { seen, profile }: { readonly seen: SeenGround; readonly profile: CniProfile },
): PolicyDiff {
  const current = ground.current()?.model;
  const { world, cluster, edges } = seen;
  const traffic = {
    model: modelOfSeen(world, cluster),
    population: populationOfSeen(world, cluster, profile),
    edges,
  };
  return diffPolicies({
    old: sides.old.model,
    new: sides.new.model,
    common: current !== undefined && current.workloads.length > 0 ? current : undefined,
    seen: isSeen(seen) ? traffic : undefined,
    profile,
  });
}

/** Cuts the long lists; totals are those of the whole. */
function cutDiff(diff: PolicyDiff, cuts: Cuts): PolicyDiff {
  const { observed } = diff;
  return {
    ...diff,
    changes: cuts.take('changes', diff.changes),
    otherBreaks: cuts.take('otherBreaks', diff.otherBreaks),
    policies: cuts.take('policies', diff.policies),
    observed: observed && { ...observed, breaks: cuts.take('observed.breaks', observed.breaks) },
  };
}

/** What may be opened under one set of policies and not under another, and why. */
export function askDiff(
  question: DiffQuestion,
  ground: Ground,
  seen: SeenGround,
): Result<Answered, QuestionFailure> {
  const old = ground.select(question.old, seen, 'old');
  if (!old.ok) return old;
  const later = ground.select(question.new, seen, 'new');
  if (!later.ok) return later;
  const sides = { old: old.value, new: later.value };
  if (isNobodyKnown([sides.old, sides.new], ground, seen)) return failed({ code: 'nobody_known' });
  const profile = profileOf(seen, question.profile);
  const diff = narrowedDiff(compared(sides, ground, { seen, profile }), new Set<string>(question.namespaces));
  const sources = { old: sourcesOf(sides.old.policies), new: sourcesOf(sides.new.policies) };
  const cuts = new Cuts(question.limit);
  const cut = cutDiff(diff, cuts);
  const { tools } = ground;
  const yaml = { print: (policy: NetworkPolicy) => tools.printPolicy(policy, []), textDiff: tools.textDiff };
  const shown: DiffShown = {
    names: { old: question.old.from, new: question.new.from },
    diff: cut,
    policies: cut.policies.map((change) => ({ change, yaml: yamlDiffOf(change, sources, yaml) })),
    profile,
    sources,
    failOn: FAIL_ON,
    lostEvents: isSeen(seen) ? seen.coverage.lostEvents : 0n,
    notes: diffNotes(diff, profile),
    problems: { old: sides.old.problems, new: sides.new.problems },
  };
  const totals = totalsOf(diff);
  const isFailed = [...FAIL_ON].some((each) => totals[each] > 0);
  return ok({ lists: cuts.lists, answer: { ...diffAnswer(shown), totals, failed: isFailed } });
}
