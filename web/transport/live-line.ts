import { io, type Socket } from 'socket.io-client';
import { z } from 'zod';
import { GraphSnapshot } from '#contract/graph.ts';
import { FindingView } from '#contract/learning.ts';
import { type ClientEvents, GraphDelta, type ServerEvents } from '#contract/socket.ts';
import type { LiveLine, LiveListener } from '../model/ports.ts';

const Snapshot = z.object({ graph: GraphSnapshot, findings: z.array(FindingView) });

/** Opens the line to the server; reconnects by itself, and the server greets each connection with a snapshot. */
export function openLine(listener: LiveListener): LiveLine {
  const socket: Socket<ServerEvents, ClientEvents> = io({
    transports: ['websocket'],
    reconnectionDelayMax: 5000,
  });
  socket.on('connect', () => listener.connected());
  socket.on('disconnect', (reason) => {
    listener.disconnected(reason);
    // The one case in which the library does not try again by itself.
    if (reason === 'io server disconnect') socket.connect();
  });
  socket.on('connect_error', (error) => listener.disconnected(error.message));
  socket.on('snapshot', (raw) => {
    const snapshot = Snapshot.safeParse(raw);
    if (snapshot.success) listener.snapshot(snapshot.data);
    else listener.disconnected(`unknown shape at ${snapshot.error.issues[0]?.path.join('.') ?? ''}`);
  });
  socket.on('delta', (raw) => {
    const delta = GraphDelta.safeParse(raw);
    if (delta.success) listener.delta(delta.data);
    else socket.emit('resync');
  });
  socket.on('learning', () => listener.learning());
  return {
    resync: () => {
      socket.emit('resync');
    },
    close: () => {
      socket.removeAllListeners();
      socket.close();
    },
  };
}
