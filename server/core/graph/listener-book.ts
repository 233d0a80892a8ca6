import type { ListenerFacts } from '#core/flow/direction.ts';
import type { Protocol } from '#core/flow/flow.ts';
import type { PeerKey } from '#core/identity/peer.ts';

const PEER_PORTS_KEPT = 8;
const NO_FACTS: ListenerFacts = { isProven: false, distinctPeerPorts: 0 };

/** Which ports peers are known to listen on, from the conversations that prove it. */
export interface ListenerBook {
  factsOf(peer: PeerKey, protocol: Protocol, port: number | undefined): ListenerFacts;
  /** A conversation proved by itself that this is the server's port. */
  prove(peer: PeerKey, protocol: Protocol, port: number | undefined): void;
  /** Nothing told client from server; remember whom this port met. */
  meet(
    peer: PeerKey,
    protocol: Protocol,
    ports: { port: number | undefined; peerPort: number | undefined },
  ): void;
}

const keyOf = (peer: PeerKey, protocol: Protocol, port: number): string => `${peer} ${protocol} ${port}`;

/** An empty book of at most `limit` proven and `limit` met ports; when it is full the oldest go first. */
export function createListenerBook(limit = 100_000): ListenerBook {
  const proven = new Set<string>();
  /** A few distinct peer ports are enough to tell a stable port from an ephemeral one. */
  const met = new Map<string, Set<number>>();

  return {
    factsOf(peer, protocol, port) {
      if (port === undefined) return NO_FACTS;
      const key = keyOf(peer, protocol, port);
      return { isProven: proven.has(key), distinctPeerPorts: met.get(key)?.size ?? 0 };
    },
    prove(peer, protocol, port) {
      if (port === undefined) return;
      proven.add(keyOf(peer, protocol, port));
      const oldest = proven.size > limit ? proven.values().next().value : undefined;
      if (oldest !== undefined) proven.delete(oldest);
    },
    meet(peer, protocol, { port, peerPort }) {
      if (port === undefined || peerPort === undefined) return;
      const key = keyOf(peer, protocol, port);
      const peerPorts = met.get(key) ?? new Set<number>();
      if (peerPorts.size < PEER_PORTS_KEPT) peerPorts.add(peerPort);
      met.set(key, peerPorts);
      const oldest = met.size > limit ? met.keys().next().value : undefined;
      if (oldest !== undefined) met.delete(oldest);
    },
  };
}
