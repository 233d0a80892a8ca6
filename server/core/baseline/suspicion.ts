import { type EpochMs, MINUTE_MS } from '#core/flow/time.ts';
import { type Edge, isAllowedEvidence } from '#core/graph/edge.ts';
import { type PeerKey, parseWorkloadId, peerKey, type WorkloadId } from '#core/identity/peer.ts';
import type { SeenPod } from '#core/identity/seen-pod.ts';
import { bySource, type FanOut, fanOutOf } from './fan-out.ts';
import { PublicListeners } from './public-listener.ts';
import { controlDoor, dataStore, isMetadataService, leadsOutside } from './sensitive-target.ts';
import type { TrainingWindow } from './training-window.ts';
import { incidenceOf } from './unseen-mass.ts';

/**
 * Whoever can make traffic during training writes policy, so what looks like an intruder is held until a person looks.
 * Signs that rest on a rhythm need time to mean anything: in a recording shorter than this nearly every edge is "late"
 * or "from one pod", and holding them all would hide the few that matter.
 */
const RHYTHM_NEEDS_MS = 3_600_000;
/** Novelty is a sign only where it is rare: where the first part of the span left no more than this share unseen. */
const UNSEEN_AT_MOST = 0.2;
/** First seen after this share of the span is late. */
const LATE_AFTER = 0.8;
/** A sign that chance explains with at least this probability is no sign. */
const CHANCE = 1e-4;
/** A pace is known from this many minutes with conversations on. */
const PACE_NEEDS_MINUTES = 8;
/** A burst in which this share failed is a search even where the recording is too short to know a rhythm. */
const FAILING_SHARE = 1 / 3;

/** What the signs look at beside the edge itself. */
export interface SuspicionContext {
  /** The part of the training window that data was seen in. */
  readonly span: TrainingWindow;
  /** The span is long enough, and what happens in it repeats enough, for new things to stand out. */
  readonly hasHabits: boolean;
  readonly firstSeenByPeer: ReadonlyMap<PeerKey, EpochMs>;
  /** How many peers lead to each destination. */
  readonly clientsByPeer: ReadonlyMap<PeerKey, ReadonlySet<PeerKey>>;
  readonly podsByWorkload: ReadonlyMap<WorkloadId, readonly SeenPod[]>;
  /** Brief edges that were part of a search. */
  readonly searching: ReadonlySet<Edge>;
  /** When a peer that had worked quietly before began to search. */
  readonly searchBegan: ReadonlyMap<PeerKey, EpochMs>;
  readonly listeners: PublicListeners;
}

function clientsOf(edges: readonly Edge[]): Map<PeerKey, Set<PeerKey>> {
  const clients = new Map<PeerKey, Set<PeerKey>>();
  for (const edge of edges) {
    const to = peerKey(edge.to);
    clients.set(to, (clients.get(to) ?? new Set()).add(peerKey(edge.from)));
  }
  return clients;
}

function firstSeenOf(edges: readonly Edge[]): Map<PeerKey, EpochMs> {
  const first = new Map<PeerKey, EpochMs>();
  for (const { from, to, firstSeenAt } of edges) {
    for (const key of [peerKey(from), peerKey(to)]) {
      first.set(key, Math.min(first.get(key) ?? firstSeenAt, firstSeenAt));
    }
  }
  return first;
}

function podsOf(pods: readonly SeenPod[]): Map<WorkloadId, SeenPod[]> {
  const byWorkload = new Map<WorkloadId, SeenPod[]>();
  for (const pod of pods) {
    const known = byWorkload.get(pod.workload);
    if (known === undefined) byWorkload.set(pod.workload, [pod]);
    else known.push(pod);
  }
  return byWorkload;
}

/** Nobody let it through, or the server wanted nothing of it. */
const isFailing = (edge: Edge): boolean =>
  !isAllowedEvidence(edge) || (edge.conversations.refused > 0 && edge.conversations.answered === 0);

const lateFrom = (span: TrainingWindow): EpochMs => span.from + (span.until - span.from) * LATE_AFTER;

/**
 * Looks at the part before {@link lateFrom} alone, and without bursts, so that nobody can make enough noise for what he
 * does later to go unnoticed.
 */
function hasHabits(edges: readonly Edge[], bursts: Iterable<FanOut>, span: TrainingWindow): boolean {
  if (span.until - span.from < RHYTHM_NEEDS_MS) return false;
  const noise = new Set([...bursts].flatMap((burst) => burst.edges));
  const quiet = edges.filter((edge) => !noise.has(edge));
  return incidenceOf(quiet, { from: span.from, until: lateFrom(span) }).unseenMass <= UNSEEN_AT_MOST;
}

/** At the start of a window everything is new at once. */
const isAtStart = (burst: FanOut, span: TrainingWindow): boolean =>
  burst.from < span.from + (span.until - span.from) / 10;

/** Much of it was denied or refused. */
const isMostlyFailing = (burst: FanOut): boolean =>
  burst.edges.filter(isFailing).length >= burst.edges.length * FAILING_SHARE;

function burstsOf(edges: readonly Edge[]): Map<PeerKey, FanOut> {
  const bursts = new Map<PeerKey, FanOut>();
  for (const [key, group] of bySource(edges)) {
    const burst = fanOutOf(group);
    if (burst !== undefined) bursts.set(key, burst);
  }
  return bursts;
}

/** Gathers what the signs need, from every edge of the window: the denied ones tell most about a scan. */
export function suspicionContext(
  edges: readonly Edge[],
  pods: readonly SeenPod[],
  span: TrainingWindow,
): SuspicionContext {
  const bursts = burstsOf(edges);
  const areHabits = hasHabits(edges, bursts.values(), span);
  const later = [...bursts].filter(([, burst]) => areHabits && !isAtStart(burst, span));
  const failing = [...bursts.values()].filter(isMostlyFailing);
  return {
    span,
    hasHabits: areHabits,
    firstSeenByPeer: firstSeenOf(edges),
    clientsByPeer: clientsOf(edges),
    podsByWorkload: podsOf(pods),
    searching: new Set([...failing, ...later.map(([, burst]) => burst)].flatMap((burst) => burst.edges)),
    searchBegan: new Map(later.map(([key, burst]) => [key, burst.from])),
    listeners: new PublicListeners(edges.filter(isAllowedEvidence)),
  };
}

type Sign = (edge: Edge, context: SuspicionContext) => string | undefined;

const toMetadata: Sign = (edge) =>
  isMetadataService(edge)
    ? 'It leads to the address under which clouds hand out credentials; a person must say that this workload needs it.'
    : undefined;

const toControlDoor: Sign = (edge) => {
  const door = controlDoor(edge);
  return door === undefined
    ? undefined
    : `It leads to ${door}, a door to machines or the control plane; a person must say that this workload needs it.`;
};

const isPartOfSearch: Sign = (edge, { searching }) =>
  searching.has(edge)
    ? 'It was one of many new destinations or ports its source tried within minutes, as a scan does.'
    : undefined;

/** What a peer takes up once it has begun to search is what it searched for. */
const beganWithSearch: Sign = (edge, { searchBegan }) => {
  const began = searchBegan.get(peerKey(edge.from));
  return began !== undefined && edge.firstSeenAt >= began
    ? 'It began after its source had started to try many new destinations or ports, as an intruder does.'
    : undefined;
};

function firstMinutes(edge: Edge): { readonly denied: EpochMs; readonly passed: EpochMs } {
  let [denied, passed] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const [minute, count] of edge.minutes) {
    if (count.denied > 0) denied = Math.min(denied, minute);
    if (count.conversations > count.denied) passed = Math.min(passed, minute);
  }
  return { denied, passed };
}

const wasDeniedFirst: Sign = (edge) => {
  const { denied, passed } = firstMinutes(edge);
  return denied < passed
    ? 'Policy denied it at first and let it through later; a person must say that the change was meant.'
    : undefined;
};

const cameLate: Sign = (edge, context) => {
  const isLate = edge.firstSeenAt >= lateFrom(context.span);
  return context.hasHabits && isLate && !context.listeners.isVisit(edge)
    ? 'It was first seen in the last fifth of the training window, too late to have shown a habit.'
    : undefined;
};

/** What an intruder is after: data, or a host outside that only this workload talks to. Not its own replicas. */
const isInteresting = (edge: Edge, context: SuspicionContext): boolean =>
  (dataStore(edge) !== undefined && peerKey(edge.from) !== peerKey(edge.to)) ||
  (leadsOutside(edge) && (context.clientsByPeer.get(peerKey(edge.to))?.size ?? 0) === 1);

/** The chance that an edge of this pace stayed unseen from `since` until it was first seen (Poisson). */
function chanceOfSilence(edge: Edge, since: EpochMs, until: EpochMs): number {
  const activeMinutes = edge.minutes.size;
  if (activeMinutes < PACE_NEEDS_MINUTES) return 1;
  const pace = activeMinutes / Math.max(1, (until - edge.firstSeenAt) / MINUTE_MS);
  return Math.exp((-pace * (edge.firstSeenAt - since)) / MINUTE_MS);
}

const beganMidway: Sign = (edge, context) => {
  const { span, firstSeenByPeer } = context;
  if (!context.hasHabits || !isInteresting(edge, context)) return undefined;
  const sourceSince = firstSeenByPeer.get(peerKey(edge.from)) ?? edge.firstSeenAt;
  const targetSince = leadsOutside(edge)
    ? span.from
    : (firstSeenByPeer.get(peerKey(edge.to)) ?? edge.firstSeenAt);
  const since = Math.max(sourceSince, targetSince);
  return chanceOfSilence(edge, since, span.until) < CHANCE
    ? 'It began in the middle of the training window although its source was there before and it has kept a steady pace since.'
    : undefined;
};

/** Pods that could have carried the edge: seen for at least half of the time it was. */
function siblingsOf(edge: Edge, context: SuspicionContext): number {
  if (edge.from.kind !== 'workload') return 1;
  if (parseWorkloadId(edge.from.id).kind === 'StatefulSet') return 1; // ordinals differ in their work by design
  const half = (edge.lastSeenAt - edge.firstSeenAt) / 2;
  const pods = context.podsByWorkload.get(edge.from.id) ?? [];
  const names = pods
    .filter(
      (pod) =>
        Math.min(pod.lastSeenAt, edge.lastSeenAt) - Math.max(pod.firstSeenAt, edge.firstSeenAt) >= half,
    )
    .map((pod) => pod.name);
  return new Set(names).size;
}

const isFromOneReplica: Sign = (edge, context) => {
  if (edge.fromPods.size !== 1 || !context.hasHabits || !isInteresting(edge, context)) return undefined;
  const siblings = siblingsOf(edge, context);
  const chance = siblings ** (1 - edge.conversations.total);
  return siblings > 1 && chance < CHANCE
    ? `All of its conversations came from one of ${siblings} replicas; replicas of one workload do the same work.`
    : undefined;
};

/** Surest first: the first that applies is the reason a person reads. */
const SIGNS: readonly Sign[] = [
  toMetadata,
  toControlDoor,
  isPartOfSearch,
  beganWithSearch,
  wasDeniedFirst,
  cameLate,
  beganMidway,
  isFromOneReplica,
];

/** Why an edge may be an intruder's, in one sentence; undefined when nothing says so. */
export function suspicionOf(edge: Edge, context: SuspicionContext): string | undefined {
  for (const sign of SIGNS) {
    const reason = sign(edge, context);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
