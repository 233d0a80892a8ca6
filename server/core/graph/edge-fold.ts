import { type Conversation, type Exchange, exchangesOf, SEEN } from '#core/flow/conversation.ts';
import type { End } from '#core/flow/direction.ts';
import type { Protocol } from '#core/flow/flow.ts';
import type { ResolvedEnd } from '#core/identity/resolve.ts';
import type { EdgeEnds, Outcome } from './edge.ts';
import {
  addAddress,
  addMinute,
  addName,
  addPod,
  addPolicies,
  addService,
  addSpan,
  addTally,
  type EdgeAccumulator,
} from './edge-merge.ts';

/** A conversation both ends of which are known. */
export interface ResolvedConversation {
  readonly conversation: Conversation;
  readonly a: ResolvedEnd;
  readonly b: ResolvedEnd;
}

const TRANSPORT: ReadonlySet<Protocol> = new Set(['TCP', 'UDP', 'SCTP']);

/** True for protocols with ports. */
export const isTransport = (protocol: Protocol): boolean => TRANSPORT.has(protocol);

/** The verdict on an exchange as a whole: what was dropped anywhere did not pass, unless the server answered. */
function outcomeOf(bits: number, isAnswered: boolean): Outcome | undefined {
  if ((bits & SEEN.denied) !== 0 && !isAnswered) return 'denied';
  if ((bits & SEEN.failed) !== 0 && !isAnswered) return 'failed';
  if ((bits & SEEN.audited) !== 0) return 'audited';
  if ((bits & SEEN.redirected) !== 0) return 'redirected';
  return (bits & SEEN.forwarded) === 0 ? undefined : 'forwarded';
}

/** Bits of {@link SEEN} that only make sense once it is known who the server is. */
function serverSaid(bits: number, server: End): { isAnswered: boolean; isReset: boolean } {
  const [answer, reset] = server === 'a' ? [SEEN.fromA, SEEN.resetByA] : [SEEN.fromB, SEEN.resetByB];
  return { isAnswered: (bits & answer) !== 0, isReset: (bits & reset) !== 0 };
}

const one = (bits: number, mask: number): number => ((bits & mask) === 0 ? 0 : 1);

function addExchange(edge: EdgeAccumulator, exchange: Exchange, server: End): void {
  const { bits } = exchange;
  const { isAnswered, isReset } = serverSaid(bits, server);
  const isOpened = one(bits, SEEN.opened);
  const { conversations } = edge;
  conversations.total += 1;
  conversations.opened += isOpened;
  conversations.answered += isAnswered ? 1 : 0;
  conversations.refused += isReset && !isAnswered ? isOpened : 0;
  conversations.atSource += one(bits, SEEN.atSource);
  conversations.atDestination += one(bits, SEEN.atDestination);
  const outcome = outcomeOf(bits, isAnswered);
  if (outcome !== undefined) edge.outcomes[outcome] += 1;
  const denied = outcome === 'denied' ? 1 : 0;
  for (const minute of exchange.minutes) addMinute(edge, minute, { conversations: 1, denied });
}

/** An observation the source had already merged stands for many; its count is taken as it is. */
function addAggregate(edge: EdgeAccumulator, conversation: Conversation, server: End): void {
  const count = conversation.aggregated;
  for (const exchange of exchangesOf(conversation)) addExchange(edge, exchange, server);
  edge.aggregated += count;
  edge.conversations.total += count - 1;
  const outcome = outcomeOf(
    conversation.minutes.reduce((all, { bits }) => all | bits, 0),
    false,
  );
  if (outcome !== undefined) edge.outcomes[outcome] += count - 1;
}

/** The addresses behind an end that is no workload: what a CIDR rule would rest on. */
function addOutside(edge: EdgeAccumulator, end: ResolvedEnd, { firstAt, lastAt }: Conversation): void {
  if (end.peer.kind === 'workload' || end.ip === undefined) return;
  addAddress(edge, { ip: end.ip, firstSeenAt: firstAt, lastSeenAt: lastAt });
}

function addNames(edge: EdgeAccumulator, { conversation, a, b }: ResolvedConversation): void {
  for (const { peer } of [a, b]) if (peer.kind === 'fqdn') addName(edge, peer.name);
  for (const end of [conversation.a, conversation.b]) for (const name of end.names) addName(edge, name);
}

/** Adds everything about a conversation but its counts. */
function addFacts(edge: EdgeAccumulator, resolved: ResolvedConversation, server: End): void {
  const { conversation, a, b } = resolved;
  const { firstAt, lastAt, sample } = conversation;
  addSpan(edge, { firstAt, lastAt, sample });
  const [client, answerer] = server === 'b' ? [a, b] : [b, a];
  if (client.pod !== undefined) addPod(edge, 'fromPods', client.pod);
  if (answerer.pod !== undefined) addPod(edge, 'toPods', answerer.pod);
  for (const end of [client, answerer]) addOutside(edge, end, conversation);
  addNames(edge, resolved);
  for (const which of ['methods', 'paths', 'dnsNames'] as const) addTally(edge, which, conversation[which]);
  addPolicies(edge, 'allowedBy', conversation.allowedBy);
  addPolicies(edge, 'deniedBy', conversation.deniedBy);
  for (const service of conversation.services) addService(edge, service);
}

/** Adds a conversation whose ends and direction are known to its edge. */
export function addConversation(edge: EdgeAccumulator, resolved: ResolvedConversation, server: End): void {
  const { conversation } = resolved;
  if (conversation.aggregated > 0) addAggregate(edge, conversation, server);
  else for (const exchange of exchangesOf(conversation)) addExchange(edge, exchange, server);
  addFacts(edge, resolved, server);
}

/** Adds the connection a proxy opened for a conversation that is already counted: one, not two. */
export function addProxyLeg(edge: EdgeAccumulator, resolved: ResolvedConversation, server: End): void {
  edge.conversations.proxyLegs += 1;
  addFacts(edge, resolved, server);
}

/**
 * True for the connection an L7 proxy opens on behalf of a pod: it keeps the pod's labels, but comes from the node's
 * address, so that no pod has it.
 */
export const isProxyLeg = ({ a, b }: ResolvedConversation, server: End): boolean => {
  const client = server === 'b' ? a : b;
  return client.peer.kind === 'workload' && client.pod === undefined;
};

/** The edge a conversation belongs to once its server is known. */
export function endsOf({ conversation, a, b }: ResolvedConversation, server: End): EdgeEnds {
  const translated = (server === 'a' ? a : b).port;
  const serverPort = translated ?? (server === 'a' ? conversation.a : conversation.b).endpoint.port;
  const port = isTransport(conversation.protocol) && serverPort !== undefined ? serverPort : 'none';
  const [from, to] = server === 'a' ? [b.peer, a.peer] : [a.peer, b.peer];
  return { from, to, protocol: conversation.protocol, port };
}
