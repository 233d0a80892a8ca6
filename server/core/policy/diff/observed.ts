import type { Edge } from '#core/graph/edge.ts';
import { type Peer, parseWorkloadId } from '#core/identity/peer.ts';
import { compareText } from '#core/order.ts';
import { isPolicyProtocol } from '../cell.ts';
import { type ClusterModel, type ClusterPod, describeWorkload } from '../cluster/cluster-model.ts';
import { type Population, populationOfModel, type Resident } from '../explain/population.ts';
import { type BlockedEdge, blockedEdge, passedOf } from '../replay/blocked-edge.ts';
import type { ReplayTally } from '../replay/replay.ts';
import { ReplayCourt } from '../replay/replay-court.ts';
import { type EdgeRuling, ruleOnEdge } from '../replay/rule-on-edge.ts';
import { ruleOnPair, type UnjudgedReason } from '../replay/rule-on-pair.ts';
import type { CniProfile } from '../world.ts';
import type { BothWorlds } from './both-worlds.ts';

/** What the flows say of a change of policies. */
export interface Observed {
  /** Conversations that passed and that the new policies block though the old ones do not; most first. */
  readonly breaks: readonly BlockedEdge[];
  /** Blocked by the new policies and by the old ones too: the old ones are not what was enforced. */
  readonly alreadyBlocked: ReplayTally;
  /** Conversations of which the flows do not say enough to judge them by the new policies. */
  readonly unjudged: readonly (ReplayTally & { readonly reason: UnjudgedReason })[];
  /** Everything that was looked at. */
  readonly seen: ReplayTally;
}

type Blocked = Extract<EdgeRuling, { kind: 'blocked' }>;

/** Finds the workload of a model that flows mean: by its kind too, unless only one has the name. */
export function workloadFinder(
  model: Pick<ClusterModel, 'workloads'>,
): (owner: OwnerName) => number | undefined {
  const places = new Map<string, number[]>();
  for (const [place, { namespace, name }] of model.workloads.entries()) {
    const key = `${namespace}/${name}`;
    const known = places.get(key);
    if (known === undefined) places.set(key, [place]);
    else known.push(place);
  }
  return ({ namespace, name, kind }) => {
    const own = places.get(`${namespace}/${name}`) ?? [];
    const exact = own.find((place) => model.workloads[place]?.kind === kind);
    return exact ?? (own.length === 1 ? own[0] : undefined);
  };
}

interface OwnerName {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
}

/** A pod that was seen, as its manifest makes it: labels may change along with policies, addresses only flows know. */
function asDeclared(seen: Resident, pods: readonly ClusterPod[]): Resident {
  const declared = (pods.find(({ pod }) => pod.name === seen.pod.name) ?? pods[0])?.pod;
  if (declared === undefined) return seen;
  const ips = declared.ips.length > 0 ? declared.ips : seen.pod.ips;
  return { ...seen, pod: { ...declared, name: seen.pod.name, ips } };
}

/** Everybody who was seen, as the manifests of one world have them, and whom these have besides. */
function populationOn(model: ClusterModel, seen: Population): Population {
  const find = workloadFinder(model);
  const podsOf = new Map<number, ClusterPod[]>();
  for (const each of model.pods) {
    const own = podsOf.get(each.workload);
    if (own === undefined) podsOf.set(each.workload, [each]);
    else own.push(each);
  }
  const met = new Set<number>();
  const residents = seen.residents.map((resident) => {
    const place = resident.isForeign ? undefined : find(resident);
    if (place === undefined) return resident;
    met.add(place);
    return asDeclared(resident, podsOf.get(place) ?? []);
  });
  const others = populationOfModel({
    ...model,
    pods: model.pods.filter(({ workload }) => !met.has(workload)),
  });
  const spaces = new Set(others.namespaces.map(({ name }) => name));
  return {
    namespaces: [...others.namespaces, ...seen.namespaces.filter(({ name }) => !spaces.has(name))],
    residents: [...residents, ...others.residents],
  };
}

/** True when a pair that is blocked now was not before. */
function isNew(
  now: Blocked,
  before: EdgeRuling,
  at: { readonly edge: Edge; readonly court: ReplayCourt },
): boolean {
  if (before.kind !== 'blocked') return true;
  if (before.extent === 'all') return false;
  const { protocol, port } = at.edge;
  if (!isPolicyProtocol(protocol) || typeof port !== 'number') return now.extent === 'all';
  const foreign = { from: isForeign(at, 'from'), to: isForeign(at, 'to') };
  return now.pairs.some(
    ({ ends }) => ruleOnPair({ ends, protocol, port, foreign }, at.court).kind !== 'blocked',
  );
}

function isForeign(at: { readonly edge: Edge; readonly court: ReplayCourt }, side: 'from' | 'to'): boolean {
  const peer = at.edge[side];
  return peer.kind === 'workload' && at.court.isForeign(peer.id);
}

const NOTHING: ReplayTally = { edges: 0, conversations: 0 };

const plus = ({ edges, conversations }: ReplayTally, edge: Edge): ReplayTally => ({
  edges: edges + 1,
  conversations: conversations + passedOf(edge),
});

export interface ObservedRequest {
  readonly edges: readonly Edge[];
  readonly seen: Population;
  readonly worlds: BothWorlds;
  readonly profile: CniProfile;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Tells edges that need a workload which is gone: they end with it, and no policy is to blame. */
function goneFinder({ old, new: later }: BothWorlds): (edge: Edge) => boolean {
  const { workloads } = old.model;
  const find = workloadFinder(old.model);
  const isGone = (peer: Peer): boolean => {
    const place = peer.kind === 'workload' ? find(parseWorkloadId(peer.id)) : undefined;
    const workload = place === undefined ? undefined : workloads[place];
    return workload !== undefined && !later.present.has(describeWorkload(workload));
  };
  return ({ from, to }) => isGone(from) || isGone(to);
}

/** Holds every edge that passed against the policies of both worlds. Work grows with edges, never with flows. */
export function observe(request: ObservedRequest): Observed {
  const { edges, seen, worlds, profile } = request;
  const courtOf = ({ model }: BothWorlds['old']): ReplayCourt =>
    new ReplayCourt(
      populationOn(model, seen),
      model.policies.map(({ policy }) => policy),
      profile,
    );
  const [old, later] = [courtOf(worlds.old), courtOf(worlds.new)];
  const breaks: BlockedEdge[] = [];
  const unjudged = new Map<UnjudgedReason, ReplayTally>();
  let [alreadyBlocked, all] = [NOTHING, NOTHING];
  const needsGone = goneFinder(worlds);
  for (const [done, edge] of edges.entries()) {
    request.onProgress?.(done, edges.length);
    if (passedOf(edge) === 0 || needsGone(edge)) continue;
    all = plus(all, edge);
    const now = ruleOnEdge(edge, later);
    if (now.kind === 'unjudged') unjudged.set(now.reason, plus(unjudged.get(now.reason) ?? NOTHING, edge));
    if (now.kind !== 'blocked') continue;
    if (isNew(now, ruleOnEdge(edge, old), { edge, court: old })) breaks.push(blockedEdge(edge, now, later));
    else alreadyBlocked = plus(alreadyBlocked, edge);
  }
  return {
    breaks: breaks.sort((a, b) => b.conversations - a.conversations || compareText(a.line, b.line)),
    alreadyBlocked,
    unjudged: [...unjudged]
      .map(([reason, tally]) => ({ reason, ...tally }))
      .sort((a, b) => compareText(a.reason, b.reason)),
    seen: all,
  };
}
