import { type Flow, isPolicyDenial } from './flow.ts';

/** How the client was told from the server, strongest proof first. */
export const DIRECTION_PROOFS = [
  'handshake',
  'reply-mark',
  'l7',
  'first-packet',
  'listener',
  'stable-port',
] as const;
export type DirectionProof = (typeof DIRECTION_PROOFS)[number];

/**
 * Which way? Evidence about the two ends of a conversation, `a` and `b` in the order of their addresses. Each counter
 * says how many reports show that end to be the client; they only ever grow, so the order of reports never matters.
 */
export interface DirectionEvidence {
  handshakeA: number;
  handshakeB: number;
  markA: number;
  markB: number;
  l7A: number;
  l7B: number;
  firstA: number;
  firstB: number;
}

export const noEvidence = (): DirectionEvidence => ({
  handshakeA: 0,
  handshakeB: 0,
  markA: 0,
  markB: 0,
  l7A: 0,
  l7B: 0,
  firstA: 0,
  firstB: 0,
});

export type End = 'a' | 'b';

const other = (end: End): End => (end === 'a' ? 'b' : 'a');

/** Echo requests and replies, by protocol and type (RFC 792, RFC 4443). */
const ECHO: ReadonlyMap<string, 'request' | 'reply'> = new Map([
  ['ICMPv4 8', 'request'],
  ['ICMPv4 0', 'reply'],
  ['ICMPv6 128', 'request'],
  ['ICMPv6 129', 'reply'],
]);

/** SYN without ACK comes from the client, SYN with ACK from the server; an ICMP echo request from the client. */
function handshakeClient(flow: Flow, sender: End): End | undefined {
  if (flow.tcpFlags?.syn === true) return flow.tcpFlags.ack ? other(sender) : sender;
  if (flow.icmpType === undefined) return undefined;
  const echo = ECHO.get(`${flow.protocol} ${flow.icmpType}`);
  if (echo === undefined) return undefined;
  return echo === 'request' ? sender : other(sender);
}

function l7Client(flow: Flow, sender: End): End | undefined {
  if (flow.l7?.kind === 'request') return sender;
  return flow.l7?.kind === 'response' ? other(sender) : undefined;
}

function count(
  evidence: DirectionEvidence,
  kind: 'handshake' | 'mark' | 'l7' | 'first',
  client: End | undefined,
): void {
  if (client !== undefined) evidence[`${kind}${client === 'a' ? 'A' : 'B'}`] += 1;
}

/**
 * Policy decides on the first packet of a connection, which the client sends: a policy verdict, and equally a drop for a
 * reason of policy. A packet from the middle of a TCP connection is none, nor is one that is marked as a reply.
 */
function isFirstPacket(flow: Flow): boolean {
  if (flow.kind === 'policy-verdict') return true;
  if (!isPolicyDenial(flow) || flow.reply === 'reply') return false;
  return flow.tcpFlags === undefined || flow.tcpFlags.syn;
}

/** Adds what one flow, sent by `sender`, says about who is the client. */
export function addEvidence(evidence: DirectionEvidence, flow: Flow, sender: End): void {
  count(evidence, 'handshake', handshakeClient(flow, sender));
  if (flow.reply !== 'unknown') count(evidence, 'mark', flow.reply === 'request' ? sender : other(sender));
  count(evidence, 'l7', l7Client(flow, sender));
  if (isFirstPacket(flow)) count(evidence, 'first', sender);
}

/** Adds what was gathered elsewhere about the same conversation. */
export function mergeEvidence(into: DirectionEvidence, from: Readonly<DirectionEvidence>): void {
  for (const key of Object.keys(into) as (keyof DirectionEvidence)[]) into[key] += from[key];
}

/** The first port of the range Linux hands out to clients by default (net.ipv4.ip_local_port_range). */
export const EPHEMERAL_FROM = 32_768;

const isEphemeral = (port: number | undefined): boolean => port !== undefined && port >= EPHEMERAL_FROM;

/** What is known about the listeners of an end, from other conversations. */
export interface ListenerFacts {
  /** A handshake or L7 record elsewhere showed that this end listens on this port. */
  readonly isProven: boolean;
  /** Distinct peer ports seen with this end's port in conversations nothing else could decide. */
  readonly distinctPeerPorts: number;
}

export interface DirectionQuestion {
  readonly evidence: DirectionEvidence;
  readonly portA: number | undefined;
  readonly portB: number | undefined;
  readonly listenerA: ListenerFacts;
  readonly listenerB: ListenerFacts;
}

export type DirectionAnswer =
  | { readonly client: End; readonly proof: DirectionProof; readonly isConflict: boolean }
  | {
      readonly client: undefined;
      readonly reason: 'undecided-direction' | 'ephemeral-server-port';
      readonly isConflict: boolean;
    };

const majority = (a: number, b: number): End | undefined => (a === b ? undefined : a > b ? 'a' : 'b');

/** Distinct client ports that make a low port a stable one. */
const STABLE_PEER_PORTS = 3;

function byListener(question: DirectionQuestion): End | undefined {
  if (question.listenerA.isProven === question.listenerB.isProven) return undefined;
  return question.listenerA.isProven ? 'b' : 'a';
}

function byStablePort({ portA, portB, listenerA, listenerB }: DirectionQuestion): End | undefined {
  const isStableA = !isEphemeral(portA) && listenerA.distinctPeerPorts >= STABLE_PEER_PORTS;
  const isStableB = !isEphemeral(portB) && listenerB.distinctPeerPorts >= STABLE_PEER_PORTS;
  if (isStableA === isStableB) return undefined;
  return isStableA ? 'b' : 'a';
}

/** A mark alone that makes an ephemeral port the server of a low one is the known fault of swapped replies. */
function isSwappedMark({ portA, portB }: DirectionQuestion, client: End): boolean {
  const [clientPort, serverPort] = client === 'a' ? [portA, portB] : [portB, portA];
  return isEphemeral(serverPort) && clientPort !== undefined && !isEphemeral(clientPort);
}

/** The proofs that one conversation carries in itself, strongest first; the flags win over the marks. */
function fromItself(question: DirectionQuestion): { client: End; proof: DirectionProof } | undefined {
  const { evidence } = question;
  const byFlags = majority(evidence.handshakeA, evidence.handshakeB);
  if (byFlags !== undefined) return { client: byFlags, proof: 'handshake' };
  const byMark = majority(evidence.markA, evidence.markB);
  if (byMark !== undefined && !isSwappedMark(question, byMark))
    return { client: byMark, proof: 'reply-mark' };
  const byL7 = majority(evidence.l7A, evidence.l7B);
  if (byL7 !== undefined) return { client: byL7, proof: 'l7' };
  const byFirst = majority(evidence.firstA, evidence.firstB);
  return byFirst === undefined || isSwappedMark(question, byFirst)
    ? undefined
    : { client: byFirst, proof: 'first-packet' };
}

/** Decides who opened the conversation, by the order of proof in the design, or says why nobody can. */
export function decideDirection(question: DirectionQuestion): DirectionAnswer {
  const { evidence } = question;
  const byFlags = majority(evidence.handshakeA, evidence.handshakeB);
  const byMark = majority(evidence.markA, evidence.markB);
  const isConflict = byFlags !== undefined && byMark !== undefined && byFlags !== byMark;
  const own = fromItself(question);
  if (own !== undefined) return { ...own, isConflict };
  const listener = byListener(question);
  if (listener !== undefined) return { client: listener, proof: 'listener', isConflict };
  const stable = byStablePort(question);
  if (stable !== undefined) return { client: stable, proof: 'stable-port', isConflict };
  const reason = byMark === undefined ? 'undecided-direction' : 'ephemeral-server-port';
  return { client: undefined, reason, isConflict };
}

/** True when the conversation alone proves its direction, so that its server port is a known listener. */
export const isSelfProven = (question: DirectionQuestion): boolean => fromItself(question) !== undefined;
