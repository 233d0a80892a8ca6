import type { NodeFacts, ServerFacts } from './observer-calls.ts';

/** What is known when a person asks why nothing arrives. */
export interface StreamFacts {
  readonly address: string;
  /** How long the stream has been open. */
  readonly openMs: number;
  /** Flows that came over it. */
  readonly flows: number;
  /** Messages that came over it and could not be read. */
  readonly unreadable: number;
  /** `SERVING` and the like; undefined when the server does not say. */
  readonly health: string | undefined;
  /** Undefined when the server does not say. */
  readonly server: ServerFacts | undefined;
  /** Flows that the server saw since the stream was opened. */
  readonly seenSinceOpen: number;
  /** Undefined when the server has no such list: it is a single node's. */
  readonly nodes: readonly NodeFacts[] | undefined;
  /** This machine's clock less the newest flow's time at its arrival; undefined while none arrived. */
  readonly lagMs: number | undefined;
  /** Streams that began again later than the last one ended. */
  readonly gaps: number;
}

/** Relay drains its buffers every second; a quiet node may well say nothing for a while. */
const PATIENCE_MS = 15_000;
const SKEW_MS = 5 * 60_000;
const NAMED = 3;
/** Fewer damaged messages than one in so many flows are counted, and no reason to alarm anybody. */
const FLOWS_A_BAD_ONE = 10;

const some = (names: readonly string[]): string => {
  const shown = names.slice(0, NAMED).join(', ');
  return names.length > NAMED ? `${shown} and ${names.length - NAMED} more` : shown;
};

function lostNodes(server: ServerFacts, nodes: readonly NodeFacts[] | undefined): readonly string[] {
  const down = nodes?.filter(({ state }) => state !== 'NODE_CONNECTED').map(({ name }) => name) ?? [];
  return down.length > 0 ? down : server.unavailable;
}

function nodesNotice({ address, server, nodes }: StreamFacts): string | undefined {
  if (server === undefined) return undefined;
  const { connectedNodes, unavailableNodes = 0 } = server;
  const away = lostNodes(server, nodes);
  const named = away.length === 0 ? '' : `: ${some(away)}`;
  if (connectedNodes === 0) {
    const which = unavailableNodes === 0 ? 'It knows of none' : `${unavailableNodes} are unavailable${named}`;
    return `${address} is connected to no node. ${which}; check that Hubble is enabled on the agents (cilium status) and that Relay reaches their port 4244.`;
  }
  if (unavailableNodes === 0) return undefined;
  const verb = unavailableNodes === 1 ? 'node is' : 'nodes are';
  return `${unavailableNodes} ${verb} unavailable to ${address}${named}: what happens there is not seen.`;
}

function silenceNotice(facts: StreamFacts): string | undefined {
  const { address, flows, unreadable, openMs, server, seenSinceOpen } = facts;
  if (flows + unreadable > 0 || openMs < PATIENCE_MS) return undefined;
  const connected = `Connected to ${address}, but nothing arrives`;
  if (server === undefined) return `${connected}, and it does not say whether it sees any flow.`;
  if (seenSinceOpen > 0) {
    return `${connected}, though it saw ${seenSinceOpen} flows since: either this client may not read them, or all are filtered out on the way (an allow-list or deny-list of the server, a proxy between).`;
  }
  if (server.seenFlows === 0) {
    return `${connected}: it has seen no flow since it was started. Check that there is traffic, and that Hubble is enabled on the nodes.`;
  }
  return `${connected}: it saw ${server.seenFlows} flows before and none since. Check that there is traffic now.`;
}

function unreadableNotice({ address, flows, unreadable }: StreamFacts): string | undefined {
  if (unreadable === 0 || unreadable * FLOWS_A_BAD_ONE < flows) return undefined;
  const share = flows === 0 ? 'Nothing' : `Only ${flows} of ${flows + unreadable} messages`;
  return `${share} that ${address} sends can be read: check that it is a server of Hubble's protocol, and that nothing between changes what it says.`;
}

function clockNotice({ address, lagMs }: StreamFacts): string | undefined {
  if (lagMs === undefined || Math.abs(lagMs) < SKEW_MS) return undefined;
  const minutes = Math.round(Math.abs(lagMs) / 60_000);
  const amount = minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
  return lagMs > 0
    ? `Flows of ${address} are ${amount} old when they arrive: its clock or this machine's is wrong, or it replays a recording.`
    : `Flows of ${address} are ${amount} ahead of this machine's clock: one of the two clocks is wrong.`;
}

function gapNotice({ address, gaps }: StreamFacts): string | undefined {
  if (gaps === 0) return undefined;
  const streams = gaps === 1 ? '1 stream' : `${gaps} streams`;
  return `${streams} began again later than the last one ended: ${address} had forgotten what happened between, and it is not in the counts.`;
}

function healthNotice({ address, health }: StreamFacts): string | undefined {
  if (health === undefined || health === 'SERVING') return undefined;
  return `${address} says that it is not ready to serve (${health}).`;
}

/** What a person should know of a stream that is open, the weightiest first; empty when all is well. */
export function diagnose(facts: StreamFacts): readonly string[] {
  const nodes = nodesNotice(facts);
  const isNodeless = facts.server?.connectedNodes === 0;
  const notices = [
    healthNotice(facts),
    unreadableNotice(facts),
    nodes,
    isNodeless ? undefined : silenceNotice(facts),
    clockNotice(facts),
    gapNotice(facts),
  ];
  return notices.filter((notice) => notice !== undefined);
}
