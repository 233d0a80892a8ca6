import type { IncomingMessage, Server as NodeServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server, type Socket } from 'socket.io';
import type { ClientEvents, GraphDelta, ServerEvents, SocketSnapshot } from '#contract/socket.ts';
import { createPacketBudget } from './packet-budget.ts';

/** One step of the live picture. */
export interface LiveStep {
  readonly delta: GraphDelta;
  readonly learning: { readonly baselineId: string; readonly proposalId: string } | undefined;
}

/** Where the picture comes from; whoever composes the server gives it. */
export interface SocketFeed {
  /** The picture as of the last step. */
  snapshot(): SocketSnapshot;
  listen(listener: (step: LiveStep) => void): () => void;
}

export interface SocketServerOptions {
  readonly server: NodeServer;
  readonly feed: SocketFeed;
  /** Why a request must not become a socket; undefined lets it pass. Asked again at every step. */
  readonly upgradeRefusal: (request: IncomingMessage) => string | undefined;
  /** The clock, in epoch ms. */
  readonly now: () => number;
  readonly observer?: {
    socketClients(count: number): void;
    deltaSent(): void;
  };
  /** Pages connected at most. */
  readonly maxClients?: number;
}

export interface SocketServer {
  clients(): number;
  /** Closes every socket; the HTTP server stays as it is. */
  close(): Promise<void>;
}

/** Packets that may wait for one client before it is taken off the deltas. */
export const BACKLOG_AT_MOST = 8;
const MESSAGE_BYTES_AT_MOST = 64 * 1024;
const CLIENTS_AT_MOST = 200;

/** Everyone who keeps up: a delta is encoded once for all of them. */
const LIVE = 'live';

type LiveServer = Server<ClientEvents, ServerEvents>;
type LiveSocket = Socket<ClientEvents, ServerEvents>;

/**
 * Attaches socket.io for upgrades alone. It would take plain requests under its path too, past every header and check
 * of the HTTP server: those are handed back.
 */
function attach(options: SocketServerOptions): LiveServer {
  const { server, upgradeRefusal, maxClients = CLIENTS_AT_MOST } = options;
  const httpListeners = server.listeners('request') as ((...parts: unknown[]) => void)[];
  const io: LiveServer = new Server(server, {
    serveClient: false,
    transports: ['websocket'],
    maxHttpBufferSize: MESSAGE_BYTES_AT_MOST,
    allowRequest: (request, answer) => {
      const refusal =
        upgradeRefusal(request) ?? (io.engine.clientsCount >= maxClients ? 'too_many_clients' : undefined);
      answer(refusal, refusal === undefined);
    },
  });
  server.removeAllListeners('request');
  for (const listener of httpListeners) server.on('request', listener);
  // Counted on the connection itself: a client may flood before it has joined anything.
  io.engine.on('connection', (connection: LiveSocket['conn']) => {
    const budget = createPacketBudget(options.now);
    connection.on('packet', () => {
      if (!budget.take()) connection.close();
    });
  });
  return io;
}

/** Every connection that became a websocket and is not closed yet. */
function trackUpgrades(server: NodeServer): ReadonlySet<Duplex> {
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (_request: IncomingMessage, socket: Duplex) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
  });
  return upgraded;
}

/** Packets that wait for the client; the library has no public name for it. */
const backlogOf = (socket: LiveSocket): number => socket.conn['writeBuffer'].length;

const sendSnapshot = (socket: LiveSocket, feed: SocketFeed): void => {
  socket.emit('snapshot', feed.snapshot());
  socket.join(LIVE);
};

/** A client that falls behind misses deltas; once it has read what waits for it, it gets a snapshot and goes on. */
function dropToSnapshot(socket: LiveSocket, feed: SocketFeed): void {
  socket.leave(LIVE);
  const onDrain = (): void => {
    if (backlogOf(socket) > 0) return;
    socket.conn.off('drain', onDrain);
    if (socket.connected) sendSnapshot(socket, feed);
  };
  socket.conn.on('drain', onDrain);
}

function welcome(socket: LiveSocket, feed: SocketFeed): void {
  socket.on('resync', () => {
    // A client that has fallen behind gets its snapshot when it has caught up; asking does not bring it sooner.
    if (socket.rooms.has(LIVE)) sendSnapshot(socket, feed);
  });
  sendSnapshot(socket, feed);
}

function publish(io: LiveServer, step: LiveStep, options: SocketServerOptions): void {
  for (const socket of io.sockets.sockets.values()) {
    if (options.upgradeRefusal(socket.request) !== undefined) socket.disconnect(true);
    else if (socket.rooms.has(LIVE) && backlogOf(socket) > BACKLOG_AT_MOST) {
      dropToSnapshot(socket, options.feed);
    }
  }
  io.to(LIVE).emit('delta', step.delta);
  if (step.learning !== undefined) io.emit('learning', step.learning);
  options.observer?.deltaSent();
}

/** Sends the live picture to every page that is connected. Works out nothing while none is. */
export function attachSocketServer(options: SocketServerOptions): SocketServer {
  const upgradedSockets = trackUpgrades(options.server);
  const io = attach(options);
  let stop: (() => void) | undefined;

  io.on('connection', (socket) => {
    stop ??= options.feed.listen((step) => publish(io, step, options));
    options.observer?.socketClients(io.sockets.sockets.size);
    socket.on('disconnect', () => {
      const { size } = io.sockets.sockets;
      options.observer?.socketClients(size);
      if (size > 0) return;
      stop?.();
      stop = undefined;
    });
    welcome(socket, options.feed);
  });

  return {
    clients: () => io.sockets.sockets.size,
    async close() {
      stop?.();
      stop = undefined;
      io.disconnectSockets(true);
      // io.close() would close the HTTP server as well, which is not ours.
      io.engine.close();
      // A client that does not read never answers the goodbye; the end must not wait for it.
      for (const upgraded of upgradedSockets) upgraded.destroy();
    },
  };
}
