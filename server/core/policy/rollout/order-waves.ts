import { compareText } from '#core/order.ts';
import type { NamespaceIsolation } from '../proposal.ts';
import { WAVE_KINDS, type WaveKind } from './rollout-plan.ts';
import type { Unit } from './units.ts';

/** Policies that a person can watch at once; a unit is never divided for it. */
export const WAVE_SIZE = 25;

/** What a wave is made of: the policies of workloads, or the default deny of namespaces. */
export interface DraftWave {
  readonly kinds: readonly WaveKind[];
  readonly units: readonly Unit[];
  readonly isolation: readonly NamespaceIsolation[];
}

const rankOf = ({ kind }: Unit): number => WAVE_KINDS.indexOf(kind);

/**
 * Well supported before doubtful, consumers before providers before what many call, then by grade and by the number of
 * clients. Whatever the order, no prefix of it cuts what the whole admits (docs/concepts/rollout.md); the order decides
 * how many people notice a rule that is missing.
 */
const inOrder = (units: readonly Unit[]): readonly Unit[] =>
  units.toSorted(
    (a, b) =>
      Number(a.isDoubtful) - Number(b.isDoubtful) ||
      rankOf(a) - rankOf(b) ||
      compareText(a.confidence, b.confidence) ||
      a.clients - b.clients ||
      compareText(a.key, b.key),
  );

/** The best supported of all, that closes nothing unseen, with the least traffic. */
const bestFirst = (units: readonly Unit[]): readonly Unit[] =>
  units.toSorted(
    (a, b) =>
      Number(a.isDoubtful) - Number(b.isDoubtful) ||
      Number(a.isBlind) - Number(b.isBlind) ||
      compareText(a.confidence, b.confidence) ||
      a.policies.length - b.policies.length ||
      a.conversations - b.conversations ||
      a.clients - b.clients ||
      compareText(a.key, b.key),
  );

const sizeOf = (units: readonly Unit[]): number =>
  units.reduce((sum, { policies }) => sum + policies.length, 0);

function policyWaves(units: readonly Unit[]): readonly DraftWave[] {
  const [canary] = bestFirst(units);
  if (canary === undefined) return [];
  const others = inOrder(units).filter((unit) => unit !== canary);
  if (others.length === 0) return [{ kinds: [canary.kind], units: [canary], isolation: [] }];
  const waves: { readonly kind: WaveKind; readonly isDoubtful: boolean; readonly units: Unit[] }[] = [];
  for (const unit of others) {
    const last = waves.at(-1);
    const fits =
      last !== undefined &&
      last.kind === unit.kind &&
      last.isDoubtful === unit.isDoubtful &&
      sizeOf([...last.units, unit]) <= WAVE_SIZE;
    if (fits) last.units.push(unit);
    else waves.push({ kind: unit.kind, isDoubtful: unit.isDoubtful, units: [unit] });
  }
  return [
    { kinds: ['canary'], units: [canary], isolation: [] },
    ...waves.map(({ kind, units: own }): DraftWave => ({ kinds: [kind], units: own, isolation: [] })),
  ];
}

/** Namespaces on which everything else leans come last. */
const isSystem = (namespace: string): boolean => namespace === 'default' || namespace.startsWith('kube-');

/** Namespaces of which nothing is closed blindly go together; each other one is a wave of its own, least first. */
function denyWaves(
  isolation: readonly NamespaceIsolation[],
  blindOf: (namespace: string) => number,
): readonly DraftWave[] {
  const sorted = isolation.toSorted(
    (a, b) =>
      Number(isSystem(a.namespace)) - Number(isSystem(b.namespace)) ||
      blindOf(a.namespace) - blindOf(b.namespace) ||
      compareText(a.namespace, b.namespace),
  );
  const waves: NamespaceIsolation[][] = [];
  for (const each of sorted) {
    const last = waves.at(-1);
    const isQuiet = ({ namespace }: NamespaceIsolation): boolean =>
      blindOf(namespace) === 0 && !isSystem(namespace);
    const fits = last?.[0] !== undefined && isQuiet(last[0]) && isQuiet(each) && last.length < WAVE_SIZE;
    if (fits) last.push(each);
    else waves.push([each]);
  }
  return waves.map((own) => ({ kinds: ['default-deny'], units: [], isolation: own }));
}

/** The waves of a proposal: policies of workloads first, default deny last. `blindOf` counts workloads that it closes unseen. */
export const wavesOf = (
  units: readonly Unit[],
  isolation: readonly NamespaceIsolation[],
  blindOf: (namespace: string) => number,
): readonly DraftWave[] => [...policyWaves(units), ...denyWaves(isolation, blindOf)];

/** Two waves as one. */
export const joined = (a: DraftWave, b: DraftWave): DraftWave => ({
  kinds: [...new Set([...a.kinds, ...b.kinds])],
  units: [...a.units, ...b.units],
  isolation: [...a.isolation, ...b.isolation],
});
