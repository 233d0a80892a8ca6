import type { Edge } from '#core/graph/edge.ts';
import { compareText, sortedBy } from '#core/order.ts';
import { type ClusterModel, describeWorkload, type WorkloadName } from '../cluster/cluster-model.ts';
import { type ConnectivityRow, connectivityOf, describeEnd } from '../connections/connectivity.ts';
import type { Population } from '../explain/population.ts';
import type { BlockedEdge } from '../replay/blocked-edge.ts';
import type { CniProfile } from '../world.ts';
import { type BothWorlds, bothWorlds, type DiffSide, type WorkloadNames } from './both-worlds.ts';
import {
  CHANGE_CLASSES,
  type ChangeClass,
  type ChangeTraffic,
  type ConnectionChange,
  type WeighedChange,
} from './connection-change.ts';
import { type Observed, observe } from './observed.ts';
import { type PolicyChange, policyChanges } from './policy-changes.ts';
import { ReasonFinder } from './reasons.ts';
import { type Compared, rowChanges } from './row-changes.ts';
import { TrafficBook } from './traffic.ts';
import { Witness } from './witness.ts';

/** Who was seen, and what was seen of them. */
export interface SeenTraffic {
  /** Everybody whom the flows show; who is in neither world's manifests is in both. */
  readonly model: ClusterModel;
  readonly population: Population;
  readonly edges: readonly Edge[];
}

/** What the diff does now, for progress. */
export type DiffStep = 'old connections' | 'new connections' | 'edges';

export interface PolicyDiffRequest {
  readonly old: ClusterModel;
  readonly new: ClusterModel;
  /** Workloads that both worlds have; its policies do not count. */
  readonly common?: ClusterModel | undefined;
  readonly seen?: SeenTraffic | undefined;
  readonly profile: CniProfile;
  readonly onProgress?: (step: DiffStep, done: number, total: number) => void;
}

/** Two worlds held side by side. */
export interface PolicyDiff {
  /** Most important first. */
  readonly changes: readonly WeighedChange[];
  readonly workloads: {
    readonly added: readonly WorkloadName[];
    readonly gone: readonly WorkloadName[];
  };
  readonly policies: readonly PolicyChange[];
  /** Everybody whom either world knows, in both. */
  readonly worlds: BothWorlds;
  /** What may be opened in each world, by those who are there. */
  readonly rows: Readonly<Record<'old' | 'new', readonly ConnectivityRow[]>>;
  /** Undefined without flows. */
  readonly observed: Observed | undefined;
  /** Breaks that no change is about: of nodes and others that a list of connections does not name. */
  readonly otherBreaks: readonly BlockedEdge[];
}

/** Changes whose reasons are looked for; the most important ones. */
export const MOST_EXPLAINED = 5000;

function connectionsOn(
  { model }: DiffSide,
  request: PolicyDiffRequest,
  step: DiffStep,
): readonly ConnectivityRow[] {
  const { profile, onProgress } = request;
  return connectivityOf({
    model,
    profile,
    onProgress: (done, total) => onProgress?.(step, done, total),
  });
}

function classesOf(change: ConnectionChange, traffic: ChangeTraffic | undefined): readonly ChangeClass[] {
  const found: Readonly<Record<ChangeClass, boolean>> = {
    'breaks-observed': (traffic?.broken ?? 0) > 0,
    widened: change.openedByPolicy.length > 0,
    tightened: change.closedByPolicy.length > 0,
    neutral: change.openedByPolicy.length === 0 && change.closedByPolicy.length === 0,
  };
  return CHANGE_CLASSES.filter((each) => found[each]);
}

/** The class a change is told under. */
export const mainClassOf = ({ classes }: Pick<WeighedChange, 'classes'>): ChangeClass =>
  classes[0] ?? 'neutral';

const weightOf = ({ traffic }: Pick<WeighedChange, 'traffic'>): number =>
  traffic === undefined ? 0 : traffic.broken + traffic.closed + traffic.opened;

/** What outsiders may do comes before what may be done to them, and that before all that stays inside. */
const placeRank = ({ from, to }: ConnectionChange): number =>
  from.kind === 'external' ? 0 : to.kind === 'external' ? 1 : 2;

const endText = (change: ConnectionChange): string => `${describeEnd(change.from)} ${describeEnd(change.to)}`;

type Weighed = Omit<WeighedChange, 'reasons' | 'unexplained'>;

const byImportance = (a: Weighed, b: Weighed): number =>
  CHANGE_CLASSES.indexOf(mainClassOf(a)) - CHANGE_CLASSES.indexOf(mainClassOf(b)) ||
  weightOf(b) - weightOf(a) ||
  placeRank(a) - placeRank(b) ||
  compareText(endText(a), endText(b));

function explained(changes: readonly Weighed[], { worlds, witnesses }: Compared): readonly WeighedChange[] {
  const finder = new ReasonFinder(worlds, witnesses);
  return changes.map((change, place) =>
    place < MOST_EXPLAINED
      ? { ...change, ...finder.explain(change) }
      : { ...change, reasons: [], unexplained: [...change.opened, ...change.closed] },
  );
}

function missingFrom(
  model: ClusterModel,
  there: WorkloadNames,
  other: WorkloadNames,
): readonly WorkloadName[] {
  const own = model.workloads.filter((workload) => {
    const name = describeWorkload(workload);
    return there.has(name) && !other.has(name);
  });
  return sortedBy(own, describeWorkload).map(({ namespace, kind, name }) => ({ namespace, kind, name }));
}

/**
 * Compares what two sets of policies, over the workloads of each, allow. Connections are those of `connectivityOf`:
 * every pair of workloads and each workload with everything outside, listed by the fast engine; the reasons are the
 * literal evaluator's. With flows, each change is weighed by the conversations that were seen, and everything that was
 * seen is held against both sets of policies.
 */
export function diffPolicies(request: PolicyDiffRequest): PolicyDiff {
  const { seen, common, profile } = request;
  const worlds = bothWorlds({ old: request.old, new: request.new, common, seen: seen?.model });
  const rows = {
    old: connectionsOn(worlds.old, request, 'old connections'),
    new: connectionsOn(worlds.new, request, 'new connections'),
  };
  const witnesses = {
    old: new Witness(worlds.old.model, profile),
    new: new Witness(worlds.new.model, profile),
  };
  const compared = { worlds, witnesses };
  const observed =
    seen &&
    observe({
      edges: seen.edges,
      seen: seen.population,
      worlds,
      profile,
      onProgress: (done, total) => request.onProgress?.('edges', done, total),
    });
  const broken = new Set((observed?.breaks ?? []).map(({ edge }) => edge.key));
  const book = seen && new TrafficBook(seen.edges, { model: worlds.new.model, profile, broken });
  const weighed = rowChanges(rows, compared).map((change): Weighed => {
    const traffic = book?.trafficOf(change);
    return { ...change, classes: classesOf(change, traffic), traffic };
  });
  const { present: before } = worlds.old;
  const { present: after } = worlds.new;
  const there = (own: readonly ConnectivityRow[], present: WorkloadNames): readonly ConnectivityRow[] =>
    own.filter(({ from, to }) =>
      [from, to].every((end) => end.kind === 'external' || present.has(describeEnd(end))),
    );
  return {
    changes: explained(weighed.sort(byImportance), compared),
    workloads: {
      added: missingFrom(worlds.new.model, after, before),
      gone: missingFrom(worlds.old.model, before, after),
    },
    policies: policyChanges(request.old, request.new),
    worlds,
    rows: { old: there(rows.old, before), new: there(rows.new, after) },
    observed,
    otherBreaks: (observed?.breaks ?? []).filter(({ edge }) => !book?.hasMet(edge.key)),
  };
}
