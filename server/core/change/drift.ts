import type { BaselineEdge } from '#core/baseline/baseline.ts';
import { bySource, fanOutOf } from '#core/baseline/fan-out.ts';
import { touchesScope } from '#core/baseline/training-window.ts';
import { counted } from '#core/baseline/wording.ts';
import type { Finding, FindingKind } from '#core/finding/finding.ts';
import { findingId } from '#core/finding/finding-id.ts';
import { compareFindings } from '#core/finding/merge-findings.ts';
import { describeEdge, describePort, type Edge } from '#core/graph/edge.ts';
import type { PeerKey } from '#core/identity/peer.ts';
import {
  answerOf,
  type DriftContext,
  type DriftRequest,
  driftContext,
  isMachine,
  type Since,
  sinceOf,
  sourceKey,
} from './drift-context.ts';
import { fanOutFinding } from './drift-fan-out.ts';
import { judgeLook } from './drift-severity.ts';
import { silentFindings } from './gone-silent.ts';
import { knownPair, nearestKnown } from './nearest.ts';

interface Seen {
  readonly edge: Edge;
  readonly since: Since;
  readonly row: BaselineEdge | undefined;
}

const TITLES: Readonly<Record<FindingKind, string>> = {
  'new-edge': 'New edge',
  'new-port': 'New port',
  'denied-attempt': 'Denied attempt',
  'gone-silent': 'Gone silent',
  'fan-out': 'Fan-out',
};

/** Edges of the scope that were active after the training window. */
function seenSince(context: DriftContext): Seen[] {
  const { graph, baseline, since } = context.request;
  return [...graph.edges.values()]
    .filter((edge) => edge.lastSeenAt >= since && touchesScope(baseline.scope, edge.from, edge.to))
    .map((edge) => ({ edge, since: sinceOf(edge, since), row: baseline.edges.get(edge.key) }))
    .filter((seen) => seen.since.conversations > 0);
}

const isOutsideBaseline = ({ row }: Seen): boolean => row === undefined || row.decision === 'rejected';

/** What kind of drift it is; undefined when the baseline expects it, or a person still has to decide. */
function kindOf(seen: Seen, context: DriftContext): FindingKind | undefined {
  const { edge, since, row } = seen;
  if (!isOutsideBaseline(seen)) {
    const isNewlyDenied = row?.decision === 'accepted' && since.denied > 0 && since.deniedBefore === 0;
    return isNewlyDenied ? 'denied-attempt' : undefined;
  }
  if (since.denied === since.conversations) return 'denied-attempt';
  if (row === undefined && context.listeners.isVisit(edge)) return undefined;
  return row === undefined && knownPair(edge, context.known).length > 0 ? 'new-port' : 'new-edge';
}

function whyNew(kind: FindingKind, seen: Seen, context: DriftContext): string {
  const { row, since } = seen;
  if (row?.decision === 'rejected') return `${row.actor} rejected this edge: ${row.reason}`;
  if (row !== undefined) {
    return `The baseline accepts this edge, and policy has denied ${since.denied} of its ${since.conversations} conversations since the training window.`;
  }
  if (kind === 'denied-attempt') {
    return `No such edge was let through during training, and policy denied ${counted(since.denied, 'attempt', 'attempts')} since.`;
  }
  if (kind === 'new-port') {
    const ports = knownPair(seen.edge, context.known).map(describePort);
    return `This pair talked on ${ports.slice(0, 3).join(', ')} during training, never on this port.`;
  }
  return 'No such edge was seen during training.';
}

function adviceFor(kind: FindingKind, row: BaselineEdge | undefined): string {
  if (kind === 'denied-attempt' && row !== undefined) {
    return 'If the traffic is wanted, a policy that was applied cuts it: compare that policy with the proposal.';
  }
  if (kind === 'denied-attempt')
    return 'If it is wanted, accept the edge and propose again; else find out who tries.';
  return 'If it is wanted, learn again with this time in the window; else find out what started it.';
}

function edgeFinding(
  kind: FindingKind,
  seen: Seen,
  context: DriftContext,
  scanners: ReadonlySet<PeerKey>,
): Finding {
  const { edge, since, row } = seen;
  const { from, to, protocol, port } = edge;
  const { request } = context;
  const look = { edge, since, isFromScanner: scanners.has(sourceKey(edge)) };
  const isCut = kind === 'denied-attempt' && row?.decision === 'accepted';
  const { severity, reasons } = isCut
    ? { severity: 'medium' as const, reasons: [] }
    : judgeLook(look, context);
  const nearest = nearestKnown(edge, context.known);
  return {
    id: findingId(kind, edge.key, request.hash),
    kind,
    severity,
    state: 'open',
    edge: edge.key,
    ends: { from, to, protocol, port },
    title: `${TITLES[kind]}: ${describeEdge(edge)}`,
    explanation: [whyNew(kind, seen, context), ...reasons, adviceFor(kind, row)].join(' '),
    nearestKnown: nearest === undefined ? undefined : describeEdge(nearest),
    proposalAnswer: answerOf([edge], context),
    conversations: kind === 'denied-attempt' ? since.denied : since.conversations,
    firstSeenAt: Math.max(edge.firstSeenAt, request.since),
    lastSeenAt: edge.lastSeenAt,
    sample: edge.sample,
  };
}

/**
 * Everything that left the pattern since the training window, most severe first: new edges, new ports on known pairs,
 * denied attempts, scans as one finding each, and edges gone silent. Edges a person still has to decide on are no drift,
 * nor is another visitor of a port that serves the public.
 */
export function driftOf(request: DriftRequest): Finding[] {
  const context = driftContext(request);
  const seen = seenSince(context);
  const unknown = seen.filter(isOutsideBaseline).map(({ edge }) => edge);
  const bursts = [...bySource(unknown.filter(({ from }) => !isMachine(from))).values()]
    .map((edges) => fanOutOf(edges, context.limits))
    .filter((burst) => burst !== undefined);
  const absorbed = new Set(bursts.flatMap(({ edges }) => edges));
  const scanners = new Set([...absorbed].map(sourceKey));
  const findings: Finding[] = silentFindings(context);
  for (const burst of bursts) {
    const finding = fanOutFinding(burst, context);
    if (finding !== undefined) findings.push(finding);
  }
  for (const each of seen) {
    const kind = absorbed.has(each.edge) ? undefined : kindOf(each, context);
    if (kind !== undefined) findings.push(edgeFinding(kind, each, context, scanners));
  }
  return findings.sort(compareFindings);
}
