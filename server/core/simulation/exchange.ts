import type { Protocol } from '#core/flow/flow.ts';
import type { L7Record } from './observation.ts';
import { nextClientPort, reservedEnd, type Site } from './site.ts';
import {
  ICMP_PACKETS,
  observe,
  type Passage,
  reportVerdict,
  sendPacket,
  type Talk,
  TCP_PACKETS,
  UDP_PACKETS,
} from './talk.ts';
import type { Outcome } from './truth.ts';
import { SECOND_NS, type World } from './world.ts';

/** The two ends of a conversation that is about to begin. */
export interface Meeting {
  readonly client: Site;
  readonly server: Site;
  readonly port: number;
  /** The Service the client asks for; undefined when it speaks to the pod directly. */
  readonly service?:
    | { readonly namespace: string; readonly name: string; readonly ip: string; readonly port: number }
    | undefined;
  readonly isAttack?: boolean;
  /** The server is there but does not listen, as in a restart. */
  readonly isRefused?: boolean;
}

/** True when a gate on the way stops the conversation. A node is always let in to its own pods. */
function isDenied({ client, server }: Meeting): boolean {
  const admits = server.ingress?.admits;
  if (admits === undefined) return false;
  const isOwnNode = client.node === server.node && !client.isEndpoint;
  return !isOwnNode && !admits.has(client.truth.key);
}

function outcomeOf(meeting: Meeting): Outcome {
  if (isDenied(meeting)) return 'denied';
  const isRefused = meeting.isRefused === true || !meeting.server.listens.has(meeting.port);
  return isRefused ? 'refused' : 'allowed';
}

function begin(world: World, meeting: Meeting, protocol: Protocol): Talk {
  const { client, server, port } = meeting;
  const hasPorts = protocol === 'TCP' || protocol === 'UDP';
  const serverPort = hasPorts ? port : undefined;
  const conversation = world.open({
    client,
    server,
    protocol,
    port: serverPort,
    outcome: protocol === 'ICMPv4' ? 'allowed' : outcomeOf(meeting),
    isAttack: meeting.isAttack ?? false,
  });
  const clientPort = hasPorts ? nextClientPort(client) : undefined;
  return { world, conversation, client, server, protocol, clientPort, serverPort };
}

/** Some nodes trace the sockets that ask for a Service: before and after its address is translated. */
const SOCKET_TRACE_SHARE = 0.04;

function traceSocket(talk: Talk, meeting: Meeting): void {
  const { service, client } = meeting;
  const { world } = talk;
  if (service === undefined || client.node === undefined || !world.random.chance(SOCKET_TRACE_SHARE)) return;
  const packet = talk.protocol === 'UDP' ? UDP_PACKETS.question : TCP_PACKETS.syn;
  const sighting = {
    node: client.node,
    direction: 'unknown',
    socketCookie: world.nextCookie(),
    clientAs: { end: client.local, port: undefined },
  } as const;
  const serviceEnd = reservedEnd({ ip: service.ip, identity: 2, entities: ['world'] });
  observe(talk, packet, {
    ...sighting,
    at: world.now,
    point: 'socket-before',
    verdict: 'traced',
    service: { namespace: service.namespace, name: service.name },
    serverAs: { end: serviceEnd, port: service.port },
  });
  observe(talk, packet, { ...sighting, at: world.now + 4000, point: 'socket-after', verdict: 'translated' });
}

/** A denied client tries again after one second and after three, as TCP does. */
const RETRY_NS = [0, SECOND_NS, 3 * SECOND_NS] as const;

function knock(talk: Talk): void {
  const { world, client, server } = talk;
  for (const delay of RETRY_NS) {
    const at = world.now + delay;
    if (client.node !== server.node) sendToWire(talk, at);
    reportVerdict(talk, TCP_PACKETS.syn, { at: at + 150_000, end: 'server', passage: 'denied' });
  }
}

/** The sender's half of a packet that the receiving node drops. */
function sendToWire(talk: Talk, at: number): void {
  if (talk.client.node === undefined || !talk.client.isEndpoint) return;
  observe(talk, TCP_PACKETS.syn, { at, node: talk.client.node, point: 'to-overlay', direction: 'egress' });
}

const passageThrough = (proxy: 'http' | 'dns' | undefined, wanted: 'http' | 'dns' | undefined): Passage =>
  proxy !== undefined && proxy === wanted ? 'proxied' : 'open';

/** Opens the connection as far as the server lets it; true when both sides talk. */
function shakeHands(talk: Talk, wanted: 'http' | undefined): boolean {
  const { now } = talk.world;
  const { outcome } = talk.conversation;
  reportVerdict(talk, TCP_PACKETS.syn, { at: now, end: 'client', passage: 'open' });
  if (outcome === 'denied') {
    knock(talk);
    return false;
  }
  const passage = passageThrough(talk.server.ingress?.proxy, wanted);
  sendPacket(talk, now + 20_000, TCP_PACKETS.syn);
  reportVerdict(talk, TCP_PACKETS.syn, { at: now + 100_000, end: 'server', passage });
  sendPacket(talk, now + 400_000, outcome === 'refused' ? TCP_PACKETS.refusal : TCP_PACKETS.synAck);
  return outcome === 'allowed';
}

/** Both sides say goodbye, the client first. */
function part(talk: Talk, at: number): void {
  sendPacket(talk, at, TCP_PACKETS.clientFin);
  sendPacket(talk, at + 300_000, TCP_PACKETS.serverFin);
}

/** One request over a connection of its own. */
export function tcpRequest(world: World, meeting: Meeting): void {
  const talk = begin(world, meeting, 'TCP');
  traceSocket(talk, meeting);
  if (!shakeHands(talk, undefined)) return;
  const workNs = 1_000_000 + world.random.exponential(15_000_000);
  if (world.random.chance(0.5)) {
    sendPacket(talk, world.now + 700_000, TCP_PACKETS.request);
    sendPacket(talk, world.now + 700_000 + workNs, TCP_PACKETS.response);
  }
  part(talk, world.now + 1_500_000 + workNs);
}

/** A scanner's connection: it hangs up as soon as somebody answers. */
export function tcpProbe(world: World, meeting: Meeting): void {
  const talk = begin(world, meeting, 'TCP');
  if (shakeHands(talk, undefined)) sendPacket(talk, world.now + 900_000, TCP_PACKETS.clientReset);
}

/** A connection that stays: reported as it opens, now and then while data flows, and as it ends. */
export function tcpSession(
  world: World,
  meeting: Meeting,
  facts: { readonly lastsNs: number; readonly beatNs: number },
): void {
  const talk = begin(world, meeting, 'TCP');
  traceSocket(talk, meeting);
  if (!shakeHands(talk, undefined)) return;
  const endsAt = world.now + facts.lastsNs;
  const beat = (): void => {
    if (talk.client.isGone || talk.server.isGone || world.now >= endsAt) {
      part(talk, world.now);
      return;
    }
    sendPacket(talk, world.now, TCP_PACKETS.request);
    sendPacket(talk, world.now + 2_000_000, TCP_PACKETS.response);
    world.after(Math.max(5 * SECOND_NS, world.random.exponential(facts.beatNs)), beat);
  };
  world.after(1_000_000, beat);
}

/** What an HTTP client asks for. */
export interface HttpCall {
  readonly method: string;
  readonly path: string;
  /** `host:port` as the client names it. */
  readonly authority: string;
  readonly code: number;
}

/** One HTTP request; where the server's gate has an HTTP proxy, the proxy reports it and speaks to the pod itself. */
export function httpRequest(world: World, meeting: Meeting, call: HttpCall): void {
  const talk = begin(world, meeting, 'TCP');
  traceSocket(talk, meeting);
  if (!shakeHands(talk, 'http')) return;
  const workNs = Math.floor(2_000_000 + world.random.exponential(10_000_000));
  if (talk.server.ingress?.proxy === 'http') throughProxy(talk, call, workNs);
  part(talk, world.now + 2_500_000 + workNs);
}

function throughProxy(talk: Talk, call: HttpCall, workNs: number): void {
  const { world, client, server } = talk;
  if (server.node === undefined) return;
  const seen = { node: server.node, point: 'l7', direction: 'ingress' } as const;
  const http = { method: call.method, url: `http://${call.authority}${call.path}`, path: call.path };
  const request: L7Record = {
    kind: 'request',
    latencyNs: undefined,
    http: { ...http, code: undefined },
    dns: undefined,
  };
  observe(talk, TCP_PACKETS.request, { ...seen, at: world.now + 900_000, l7: request });
  const leg = {
    end: { ...client.remote, ip: server.node.routerIp, namespace: undefined, pod: undefined },
    port: nextClientPort(server.node.host),
  };
  const legSighting = { node: server.node, direction: 'ingress', clientAs: leg } as const;
  observe(talk, TCP_PACKETS.syn, { ...legSighting, at: world.now + 1_000_000, point: 'to-endpoint' });
  const host = { end: server.node.host.local, port: leg.port };
  observe(talk, TCP_PACKETS.synAck, {
    ...legSighting,
    clientAs: host,
    at: world.now + 1_060_000,
    point: 'to-stack',
  });
  const response: L7Record = {
    kind: 'response',
    latencyNs: workNs,
    http: { ...http, code: call.code },
    dns: undefined,
  };
  observe(talk, TCP_PACKETS.response, { ...seen, at: world.now + 1_100_000 + workNs, l7: response });
}

/** What a resolver is asked, and answers. */
export interface DnsCall {
  /** Ends in a dot. */
  readonly query: string;
  readonly ips: readonly string[];
  readonly rcode: number;
  readonly type: 'A' | 'AAAA';
}

/** One lookup over UDP; where the client's gate has a DNS proxy, the proxy reports question and answer. */
export function dnsLookup(world: World, meeting: Meeting, call: DnsCall): void {
  const talk = begin(world, meeting, 'UDP');
  traceSocket(talk, meeting);
  const { now } = world;
  const passage = passageThrough(talk.client.egress?.proxy, 'dns');
  reportVerdict(talk, UDP_PACKETS.question, { at: now, end: 'client', passage });
  const node = talk.client.node;
  if (passage === 'proxied' && node !== undefined) {
    const seen = { node, point: 'l7', direction: 'egress' } as const;
    const asked = { query: call.query, type: call.type };
    observe(talk, UDP_PACKETS.question, {
      ...seen,
      at: now + 200_000,
      l7: { kind: 'request', latencyNs: undefined, http: undefined, dns: { ...asked, ips: [], rcode: 0 } },
    });
    observe(talk, UDP_PACKETS.answer, {
      ...seen,
      at: now + 1_400_000,
      l7: {
        kind: 'response',
        latencyNs: 1_100_000,
        http: undefined,
        dns: { ...asked, ips: call.ips, rcode: call.rcode },
      },
    });
  }
  sendPacket(talk, now + 300_000, UDP_PACKETS.question);
  reportVerdict(talk, UDP_PACKETS.question, { at: now + 400_000, end: 'server', passage: 'open' });
  sendPacket(talk, now + 900_000, UDP_PACKETS.answer);
}

/** One echo and its reply. */
export function ping(world: World, meeting: Meeting): void {
  const talk = begin(world, meeting, 'ICMPv4');
  sendPacket(talk, world.now, ICMP_PACKETS.echo);
  sendPacket(talk, world.now + 300_000, ICMP_PACKETS.echoReply);
}
