import type { BaselineEdge } from '#core/baseline/baseline.ts';
import { counted } from '#core/baseline/wording.ts';
import type { Finding } from '#core/finding/finding.ts';
import { findingId } from '#core/finding/finding-id.ts';
import { type EpochMs, MINUTE_MS } from '#core/flow/time.ts';
import { describeEdge, type EdgeEnds, type EdgeKey, type EdgePort, edgeKey } from '#core/graph/edge.ts';
import { describePeer, type Peer, type PeerKey, peerKey } from '#core/identity/peer.ts';
import { parseIp, prefixOf } from '#core/net/ip.ts';
import { answerOf, type DriftContext, sourceKey } from './drift-context.ts';
import { quietExplainedMs } from './silence.ts';

const minutesText = (ms: number): string => counted(Math.round(ms / MINUTE_MS), 'minute', 'minutes');

/** When each peer was last seen to start a conversation. */
function lastSeenBySource({ request }: DriftContext): Map<PeerKey, EpochMs> {
  const last = new Map<PeerKey, EpochMs>();
  for (const edge of request.graph.edges.values()) {
    const key = sourceKey(edge);
    last.set(key, Math.max(last.get(key) ?? edge.lastSeenAt, edge.lastSeenAt));
  }
  return last;
}

interface Silence {
  readonly row: BaselineEdge;
  readonly lastAt: EpochMs;
  readonly quietMs: number;
  readonly explainedMs: number;
}

/** An outside peer under the names folding may have given it. */
function foldedNames(peer: Peer): Peer[] {
  if (peer.kind !== 'cidr') return [peer];
  const ip = parseIp(peer.cidr.split('/')[0] ?? '');
  const prefix = ip === undefined ? peer.cidr : prefixOf(ip, ip.family === 4 ? 24 : 64);
  return [peer, { kind: 'cidr', cidr: prefix }, { kind: 'other-external' }];
}

/** Keys under which the edge may live on in a graph that had to fold: a folded edge is not a silent one. */
function sightings({ from, to, protocol, port }: EdgeEnds): EdgeKey[] {
  const ports: readonly EdgePort[] = [port, 'many'];
  return foldedNames(from).flatMap((source) =>
    foldedNames(to).flatMap((target) =>
      ports.map((each) => edgeKey({ from: source, to: target, protocol, port: each })),
    ),
  );
}

function silenceOf(row: BaselineEdge, context: DriftContext): Silence | undefined {
  const { graph, now, baseline, watchedFrom = 0 } = context.request;
  const { edge, decision } = row;
  if (decision !== 'accepted') return undefined;
  const lastAt = Math.max(
    edge.lastSeenAt,
    ...sightings(edge).map((key) => graph.edges.get(key)?.lastSeenAt ?? 0),
  );
  const rhythm = quietExplainedMs(edge, baseline.window.until);
  if (rhythm === undefined) return undefined;
  const explainedMs = Math.max(rhythm, context.quietAfterMs);
  const quietMs = now - Math.max(lastAt, watchedFrom);
  return quietMs > explainedMs ? { row, lastAt, quietMs, explainedMs } : undefined;
}

function explain(silence: Silence, context: DriftContext, sourceLastAt: EpochMs | undefined): string {
  const { edge } = silence.row;
  const rhythm = `It was seen in ${edge.minutes.size} minutes of training; a quiet of up to ${minutesText(silence.explainedMs)} would fit that rhythm, and it has been quiet for ${minutesText(silence.quietMs)}.`;
  const isSourceQuiet = sourceLastAt === undefined || sourceLastAt <= silence.lastAt;
  const source = isSourceQuiet
    ? `Nothing else was seen of ${describePeer(edge.from)} since: it may be scaled down or gone.`
    : `${describePeer(edge.from)} itself was seen since.`;
  const doubt = context.doubts.join(' ');
  const advice = 'Silence is no evidence of absence: no rule is withdrawn because of it.';
  return [rhythm, source, doubt, advice].filter((sentence) => sentence !== '').join(' ');
}

/**
 * Accepted edges that have been quiet for longer than their own rhythm explains. Only edges with a rhythm count, and
 * where events were lost or nodes are silent the finding is no more than information.
 */
export function silentFindings(context: DriftContext): Finding[] {
  const { request, doubts } = context;
  const lastBySource = lastSeenBySource(context);
  const silences = [...request.baseline.edges.values()]
    .map((row) => silenceOf(row, context))
    .filter((silence) => silence !== undefined);
  return silences.map((silence) => {
    const { edge } = silence.row;
    const { from, to, protocol, port } = edge;
    return {
      id: findingId('gone-silent', edge.key, request.hash),
      kind: 'gone-silent',
      severity: doubts.length > 0 ? 'info' : 'low',
      state: 'open',
      edge: edge.key,
      ends: { from, to, protocol, port },
      title: `Gone silent: ${describeEdge(edge)}`,
      explanation: explain(silence, context, lastBySource.get(peerKey(from))),
      nearestKnown: undefined,
      proposalAnswer: answerOf([edge], context),
      conversations: edge.conversations.total,
      firstSeenAt: edge.firstSeenAt,
      lastSeenAt: silence.lastAt,
      sample: edge.sample,
    };
  });
}
