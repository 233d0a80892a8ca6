import type { FanOut } from '#core/baseline/fan-out.ts';
import { controlDoor, dataStore, isMetadataService } from '#core/baseline/sensitive-target.ts';
import type { Finding } from '#core/finding/finding.ts';
import { findingId } from '#core/finding/finding-id.ts';
import { MINUTE_MS } from '#core/flow/time.ts';
import { describeEdge, describePort, type Edge } from '#core/graph/edge.ts';
import { describePeer, peerKey } from '#core/identity/peer.ts';
import { answerOf, type DriftContext, sinceOf, sourceKey } from './drift-context.ts';
import { severityOfPoints } from './drift-severity.ts';

const LISTED = 3;

interface Tallied {
  readonly conversations: number;
  readonly denied: number;
  readonly targets: number;
  readonly ports: number;
  readonly answered: readonly Edge[];
}

function tally(edges: readonly Edge[], context: DriftContext): Tallied {
  const sums = edges.map((edge) => sinceOf(edge, context.request.since));
  return {
    conversations: sums.reduce((sum, each) => sum + each.conversations, 0),
    denied: sums.reduce((sum, each) => sum + each.denied, 0),
    targets: new Set(edges.map((edge) => peerKey(edge.to))).size,
    ports: new Set(edges.map(describePort)).size,
    answered: edges.filter((edge) => edge.conversations.answered > 0),
  };
}

const isSensitive = (edge: Edge): boolean =>
  isMetadataService(edge) || controlDoor(edge) !== undefined || dataStore(edge) !== undefined;

function severityOf(edges: readonly Edge[], tallied: Tallied): Finding['severity'] {
  const wasAnswered = tallied.answered.length > 0 ? 1 : 0;
  const wasAfterSomething = edges.some(isSensitive) ? 1 : 0;
  const wasStopped = tallied.denied === tallied.conversations ? -1 : 0;
  return severityOfPoints(2 + wasAnswered + wasAfterSomething + wasStopped);
}

function span({ from, until }: FanOut): string {
  const minutes = Math.max(1, Math.ceil((until - from) / MINUTE_MS));
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}

const listed = (edges: readonly Edge[]): string =>
  edges.slice(0, LISTED).map(describeEdge).join('; ') +
  (edges.length > LISTED ? `; and ${edges.length - LISTED} more` : '');

function explain(burst: FanOut, tallied: Tallied, context: DriftContext): string {
  const blocked = burst.edges.filter((edge) => context.judge(edge) === 'would-block').length;
  const sentences = [
    `It reached for ${tallied.targets} destinations on ${tallied.ports} ports that it never used during training, within ${span(burst)}: that is how a scan looks.`,
    tallied.answered.length > 0 ? `Answered were: ${listed(tallied.answered)}.` : 'None of them answered.',
    tallied.denied > 0 ? `Policy denied ${tallied.denied} of ${tallied.conversations} conversations.` : '',
    context.request.judge === undefined
      ? ''
      : `The proposal would have stopped ${blocked} of these ${burst.edges.length} edges.`,
    'Look at what runs in the pods it comes from before anything of it is accepted.',
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

/** One finding for a burst, however many edges it has: a scan must not bury everything else. */
export function fanOutFinding(burst: FanOut, context: DriftContext): Finding | undefined {
  const [first] = burst.edges;
  if (first === undefined) return undefined;
  const tallied = tally(burst.edges, context);
  const { from, to, protocol, port } = first;
  return {
    id: findingId('fan-out', sourceKey(first), context.request.hash),
    kind: 'fan-out',
    severity: severityOf(burst.edges, tallied),
    state: 'open',
    edge: first.key,
    ends: { from, to, protocol, port },
    title: `Fan-out: ${describePeer(from)} tried ${tallied.targets} destinations on ${tallied.ports} ports within ${span(burst)}`,
    explanation: explain(burst, tallied, context),
    nearestKnown: undefined,
    proposalAnswer: answerOf(burst.edges, context),
    conversations: tallied.conversations,
    firstSeenAt: burst.from,
    lastSeenAt: burst.until,
    sample: first.sample,
  };
}
