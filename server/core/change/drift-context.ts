import type { Baseline } from '#core/baseline/baseline.ts';
import { FAN_OUT_LIMITS, type FanOutLimits } from '#core/baseline/fan-out.ts';
import { PublicListeners } from '#core/baseline/public-listener.ts';
import type { Finding, ProposalAnswer } from '#core/finding/finding.ts';
import type { Coverage } from '#core/flow/coverage.ts';
import { type EpochMs, MINUTE_MS } from '#core/flow/time.ts';
import type { Edge, EdgeEnds } from '#core/graph/edge.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import { type Peer, type PeerKey, parseWorkloadId, peerKey, type WorkloadId } from '#core/identity/peer.ts';
import { type KnownEdges, knownEdges } from './nearest.ts';

/** What drift is looked for in. */
export interface DriftRequest {
  readonly baseline: Baseline;
  /** Everything seen so far; what lies before `since` is only read for comparison. */
  readonly graph: ServiceGraph;
  readonly coverage: Coverage;
  /** Drift is what happens from here on; as a rule the end of the training window. */
  readonly since: EpochMs;
  /** The data's own clock: the newest flow seen. */
  readonly now: EpochMs;
  /** When watching began again after a pause: nothing is quiet for longer than it was watched. */
  readonly watchedFrom?: EpochMs;
  /** Hash of a text, as letters and digits; ids of findings are hashes of what they are about. */
  readonly hash: (text: string) => string;
  /** Whether the proposal would admit traffic between these ends; absent while there is no proposal. */
  readonly judge?: (ends: EdgeEnds) => ProposalAnswer;
  /** No edge is silent before it was quiet for this long, whatever its rhythm; 10 minutes unless set. */
  readonly quietAfterMs?: number;
  readonly fanOut?: FanOutLimits;
}

/** What the questions about one edge look things up in. */
export interface DriftContext {
  readonly request: DriftRequest;
  readonly known: KnownEdges;
  readonly listeners: PublicListeners;
  readonly limits: FanOutLimits;
  readonly quietAfterMs: number;
  readonly judge: (ends: EdgeEnds) => ProposalAnswer;
  /** Workloads that were there during training. */
  readonly knownWorkloads: ReadonlySet<WorkloadId>;
  /** `shop>data` of each known edge between workloads. */
  readonly knownNamespacePairs: ReadonlySet<string>;
  /** Names of a workload's pods that were still seen in the last part of the training window. */
  readonly podsByWorkload: ReadonlyMap<WorkloadId, ReadonlySet<string>>;
  /** Sentences that say why silence proves little; empty when nothing was lost. */
  readonly doubts: readonly string[];
}

const QUIET_AFTER_MS = 10 * MINUTE_MS;

/** From this share of lost events on, absence says nothing. */
const LOST_SHARE_THAT_BLINDS = 0.01;

function doubtsOf({ silentNodes, lostEvents, flows }: Coverage): string[] {
  const doubts: string[] = [];
  if (silentNodes.length > 0) {
    const first = silentNodes.slice(0, 3).join(', ');
    const more = silentNodes.length > 3 ? ` and ${silentNodes.length - 3} more` : '';
    doubts.push(`No flows come from ${first}${more}, so it may still be there, unseen.`);
  }
  const lost = Number(lostEvents);
  if (lost > 0 && lost / (lost + flows) >= LOST_SHARE_THAT_BLINDS) {
    doubts.push(`The sources lost ${lostEvents} events, so it may still be there, unseen.`);
  }
  return doubts;
}

/** Namespaces of an edge between two workloads; undefined for any other edge. */
export function namespacePair({
  from,
  to,
}: EdgeEnds): { readonly from: string; readonly to: string } | undefined {
  if (from.kind !== 'workload' || to.kind !== 'workload') return undefined;
  return { from: parseWorkloadId(from.id).namespace, to: parseWorkloadId(to.id).namespace };
}

const workloadsOf = (...peers: readonly Peer[]): WorkloadId[] =>
  peers.flatMap((peer) => (peer.kind === 'workload' ? [peer.id] : []));

function lastPods({ world, window }: Baseline): Map<WorkloadId, Set<string>> {
  const lastPart = window.until - Math.max(QUIET_AFTER_MS, (window.until - window.from) / 10);
  const pods = new Map<WorkloadId, Set<string>>();
  for (const pod of world.pods) {
    if (pod.lastSeenAt < lastPart) continue;
    pods.set(pod.workload, (pods.get(pod.workload) ?? new Set()).add(pod.name));
  }
  return pods;
}

/** Gathers once what each edge is compared with. */
export function driftContext(request: DriftRequest): DriftContext {
  const { baseline } = request;
  const edges = [...baseline.edges.values()].map(({ edge }) => edge);
  const accepted = [...baseline.edges.values()]
    .filter(({ decision }) => decision === 'accepted')
    .map(({ edge }) => edge);
  const pairs = edges.map(namespacePair).filter((pair) => pair !== undefined);
  const podsInWindow = baseline.world.pods.filter((pod) => pod.firstSeenAt < request.since);
  return {
    request,
    known: knownEdges(baseline),
    listeners: new PublicListeners(accepted),
    limits: request.fanOut ?? FAN_OUT_LIMITS,
    quietAfterMs: request.quietAfterMs ?? QUIET_AFTER_MS,
    judge: request.judge ?? (() => 'no-proposal'),
    knownWorkloads: new Set([
      ...podsInWindow.map((pod) => pod.workload),
      ...edges.flatMap((edge) => workloadsOf(edge.from, edge.to)),
    ]),
    knownNamespacePairs: new Set(pairs.map((pair) => `${pair.from}>${pair.to}`)),
    podsByWorkload: lastPods(baseline),
    doubts: doubtsOf(request.coverage),
  };
}

/** What an edge did since the training window. */
export interface Since {
  readonly conversations: number;
  readonly denied: number;
  readonly deniedBefore: number;
}

/**
 * What an edge that is new since then did altogether; of an older one, the sum of the minutes after `since`. The minute
 * that holds `since` is left out: its conversations could as well belong to the training window.
 */
export function sinceOf(edge: Edge, since: EpochMs): Since {
  if (edge.firstSeenAt >= since) {
    return { conversations: edge.conversations.total, denied: edge.outcomes.denied, deniedBefore: 0 };
  }
  let [conversations, denied, deniedBefore] = [0, 0, 0];
  for (const [minute, count] of edge.minutes) {
    if (minute < since) deniedBefore += count.denied;
    else {
      conversations += count.conversations;
      denied += count.denied;
    }
  }
  return { conversations, denied, deniedBefore };
}

/** True when this workload was not there during training. */
export const isNewWorkload = (peer: Peer, context: DriftContext): boolean =>
  peer.kind === 'workload' && !context.knownWorkloads.has(peer.id);

/** True when somebody is already known to lead there. */
export const isKnownTarget = (key: PeerKey, context: DriftContext): boolean => context.known.byTo.has(key);

/** Whether the proposal would stop these edges: only if it stops each of them. */
export function answerOf(edges: readonly EdgeEnds[], context: DriftContext): Finding['proposalAnswer'] {
  const answers = new Set(edges.map(context.judge));
  const [only] = answers;
  if (answers.size === 1 && only !== undefined) return only;
  return answers.has('would-admit') ? 'would-admit' : 'not-covered';
}

/** True for the machines themselves, which may always reach their own pods. */
export const isMachine = (peer: Peer): boolean =>
  peer.kind === 'entity' && ['host', 'remote-node', 'health'].includes(peer.entity);

/** Key of the peer an edge comes from. */
export const sourceKey = (edge: EdgeEnds): PeerKey => peerKey(edge.from);
