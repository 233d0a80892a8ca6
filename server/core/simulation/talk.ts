import type { DecidingPolicy, Direction, Protocol, Verdict } from '#core/flow/flow.ts';
import { unreachable } from '#core/result.ts';
import type { L7Record, ObservationPoint, ObservedEnd, PacketFlags } from './observation.ts';
import { type SimNode, type Site, seenFrom } from './site.ts';
import type { TrueConversation } from './truth.ts';
import type { World } from './world.ts';

/** A conversation while it takes place: who, on which ports, and the world it is reported to. */
export interface Talk {
  readonly world: World;
  readonly conversation: TrueConversation;
  readonly client: Site;
  readonly server: Site;
  readonly protocol: Protocol;
  readonly clientPort: number | undefined;
  readonly serverPort: number | undefined;
}

/** A packet of a conversation, as connection tracking sees it. */
export interface Packet {
  readonly fromClient: boolean;
  readonly flags: PacketFlags | undefined;
  readonly icmpType?: number;
  readonly reason: 'new' | 'established' | 'reply';
}

const flags = (on: Partial<PacketFlags>): PacketFlags => ({
  syn: false,
  ack: false,
  rst: false,
  fin: false,
  psh: false,
  ...on,
});

/** The packets of a TCP connection that the data path reports: first sight of each flag, and one now and then. */
export const TCP_PACKETS = {
  syn: { fromClient: true, flags: flags({ syn: true }), reason: 'new' },
  synAck: { fromClient: false, flags: flags({ syn: true, ack: true }), reason: 'reply' },
  ack: { fromClient: true, flags: flags({ ack: true }), reason: 'established' },
  request: { fromClient: true, flags: flags({ psh: true, ack: true }), reason: 'established' },
  response: { fromClient: false, flags: flags({ psh: true, ack: true }), reason: 'reply' },
  clientFin: { fromClient: true, flags: flags({ fin: true, ack: true }), reason: 'established' },
  serverFin: { fromClient: false, flags: flags({ fin: true, ack: true }), reason: 'reply' },
  refusal: { fromClient: false, flags: flags({ rst: true, ack: true }), reason: 'reply' },
  clientReset: { fromClient: true, flags: flags({ rst: true }), reason: 'established' },
} as const satisfies Record<string, Packet>;

export const UDP_PACKETS = {
  question: { fromClient: true, flags: undefined, reason: 'new' },
  answer: { fromClient: false, flags: undefined, reason: 'reply' },
} as const satisfies Record<string, Packet>;

export const ICMP_PACKETS = {
  echo: { fromClient: true, flags: undefined, icmpType: 8, reason: 'new' },
  echoReply: { fromClient: false, flags: undefined, icmpType: 0, reason: 'reply' },
} as const satisfies Record<string, Packet>;

/** What one report adds to the packet it is about. */
export interface Sighting {
  /** Nanoseconds since the start. */
  readonly at: number;
  readonly node: SimNode;
  readonly point: ObservationPoint;
  readonly direction: Direction;
  readonly verdict?: Verdict;
  readonly dropReason?: string;
  readonly allowedBy?: DecidingPolicy | undefined;
  readonly l7?: L7Record;
  readonly socketCookie?: number;
  readonly service?: { readonly namespace: string; readonly name: string } | undefined;
  /** Shown in place of the client or server, e.g. a proxy or a Service address. */
  readonly clientAs?: { readonly end: ObservedEnd; readonly port: number | undefined };
  readonly serverAs?: { readonly end: ObservedEnd; readonly port: number | undefined };
}

const NO_NAMES: readonly string[] = [];

/** Names come from the DNS proxy of the client's own node, so nobody else knows them. */
const knowsNames = (talk: Talk, node: SimNode): boolean =>
  talk.server.names.length > 0 && talk.client.node === node && talk.client.egress?.proxy === 'dns';

type Mark = 'reply' | 'unmarked' | 'request';

function markOf(packet: Packet, sighting: Sighting): Mark {
  if (sighting.point === 'drop' || sighting.verdict === 'dropped') return 'unmarked';
  if (sighting.socketCookie !== undefined || sighting.direction === 'unknown') return 'unmarked';
  return packet.fromClient ? 'request' : 'reply';
}

/** Only traces carry what connection tracking knew. */
const isTracePoint = (point: ObservationPoint): boolean =>
  point === 'to-endpoint' || point === 'to-stack' || point === 'to-overlay' || point === 'to-proxy';

interface Shown {
  readonly end: ObservedEnd;
  readonly port: number | undefined;
  readonly names: readonly string[];
}

function shownEnds(talk: Talk, sighting: Sighting): { readonly client: Shown; readonly server: Shown } {
  const { node, clientAs, serverAs } = sighting;
  return {
    client: {
      end: clientAs?.end ?? seenFrom(talk.client, node),
      port: clientAs === undefined ? talk.clientPort : clientAs.port,
      names: NO_NAMES,
    },
    server: {
      end: serverAs?.end ?? seenFrom(talk.server, node),
      port: serverAs === undefined ? talk.serverPort : serverAs.port,
      names: knowsNames(talk, node) ? talk.server.names : NO_NAMES,
    },
  };
}

/** Plans the report of one sighting of one packet. */
export function observe(talk: Talk, packet: Packet, sighting: Sighting): void {
  const { world } = talk;
  const { client, server } = shownEnds(talk, sighting);
  const from = packet.fromClient ? client : server;
  const to = packet.fromClient ? server : client;
  const mark = markOf(packet, sighting);
  const at = Math.floor(sighting.at);
  const wholeMs = Math.floor(at / 1_000_000);
  world.report(at, {
    conversation: talk.conversation,
    at: world.startAt + wholeMs,
    atNanos: at - wholeMs * 1_000_000,
    uuid: world.uuids.uuid(),
    node: sighting.node.absoluteName,
    point: sighting.point,
    verdict: sighting.verdict ?? 'forwarded',
    dropReason: sighting.dropReason,
    protocol: talk.protocol,
    source: from.end,
    sourcePort: from.port,
    destination: to.end,
    destinationPort: to.port,
    flags: sighting.point === 'l7' || sighting.socketCookie !== undefined ? undefined : packet.flags,
    icmpType: packet.icmpType,
    reply: mark === 'unmarked' ? 'unknown' : mark,
    direction: sighting.direction,
    reason: isTracePoint(sighting.point) && mark !== 'unmarked' ? packet.reason : 'unknown',
    sourceNames: from.names,
    destinationNames: to.names,
    l7: sighting.l7,
    service: sighting.service,
    allowedBy: sighting.allowedBy,
    socketCookie: sighting.socketCookie,
  });
}

/**
 * Where a packet is seen on its way out; undefined when nothing reports it there. A node's own answers to other
 * nodes travel outside the overlay.
 */
function pointOut(from: Site, to: Site, packet: Packet): ObservationPoint | undefined {
  if (from.node === undefined) return undefined;
  if (from.node === to.node) return from.isEndpoint && !to.isEndpoint ? 'to-stack' : undefined;
  if (to.isEndpoint) return from.isEndpoint || packet.fromClient ? 'to-overlay' : undefined;
  return from.isEndpoint ? 'to-stack' : undefined;
}

/** The direction of the connection as the endpoint that reports a packet sees it. */
const directionFor = (isClient: boolean): Direction => (isClient ? 'egress' : 'ingress');

/**
 * Plans all reports of a packet on its way: as it leaves the sender's node, and as it reaches an endpoint. A node's
 * own packets leave without connection tracking, so direction and reply stay unknown there.
 */
export function sendPacket(talk: Talk, at: number, packet: Packet): void {
  const from = packet.fromClient ? talk.client : talk.server;
  const to = packet.fromClient ? talk.server : talk.client;
  const out = pointOut(from, to, packet);
  if (out !== undefined && from.node !== undefined) {
    const direction = from.isEndpoint ? directionFor(packet.fromClient) : 'unknown';
    const hostAs = from.isEndpoint ? undefined : { end: from.remote, port: talk.clientPort };
    observe(talk, packet, {
      at,
      node: from.node,
      point: out,
      direction,
      ...(hostAs !== undefined && { clientAs: hostAs }),
    });
  }
  if (to.isEndpoint && to.node !== undefined) {
    const travel = 40_000 + talk.world.random.between(0, 200_000);
    observe(talk, packet, {
      at: at + travel,
      node: to.node,
      point: 'to-endpoint',
      direction: directionFor(!packet.fromClient),
    });
  }
}

/** What the gates on the way say about the conversation. */
export type Passage = 'open' | 'proxied' | 'denied';

/** Plans the verdict of the policy that governs one end; only policed ends give one. */
export function reportVerdict(
  talk: Talk,
  packet: Packet,
  facts: { readonly at: number; readonly end: 'client' | 'server'; readonly passage: Passage },
): void {
  const { at, end, passage } = facts;
  const policed = end === 'client' ? talk.client : talk.server;
  const gate = end === 'client' ? policed.egress : policed.ingress;
  if (gate === undefined || policed.node === undefined) return;
  const place = { at, node: policed.node, direction: directionFor(end === 'client') } as const;
  switch (passage) {
    case 'open':
      observe(talk, packet, { ...place, point: 'policy-verdict', allowedBy: gate.policy });
      return;
    case 'proxied':
      observe(talk, packet, {
        ...place,
        point: 'policy-verdict',
        verdict: 'redirected',
        allowedBy: gate.policy,
      });
      observe(talk, packet, { ...place, at: at + 30_000, point: 'to-proxy' });
      return;
    case 'denied': {
      const denial = { verdict: 'dropped', dropReason: 'POLICY_DENIED' } as const;
      observe(talk, packet, { ...place, ...denial, point: 'policy-verdict' });
      observe(talk, packet, { ...place, ...denial, at: at + 9000, point: 'drop' });
      return;
    }
    default:
      unreachable(passage);
  }
}
