import { connect } from 'node:net';
import { io, type Socket } from 'socket.io-client';
import type { ClientEvents, GraphDelta, ServerEvents, SocketSnapshot } from '#contract/socket.ts';
import type { LiveStep, SocketFeed } from '../../../server/adapters/socket/socket-server.ts';
import { START } from '../../support/flows.ts';

export type Client = Socket<ServerEvents, ClientEvents>;

/** A timer that fires when the test says so. */
export function manualTimer() {
  let waiting: (() => void) | undefined;
  return {
    schedule: (run: () => void) => {
      waiting = run;
      return () => {
        waiting = undefined;
      };
    },
    isWaiting: () => waiting !== undefined,
    fire() {
      const run = waiting;
      waiting = undefined;
      run?.();
    },
  };
}

/** A page as a browser would connect it, not connected yet. */
export function socketClient(port: number, headers: Readonly<Record<string, string>> = {}): Client {
  const socket: Client = io(`http://127.0.0.1:${port}`, {
    transports: ['websocket'],
    reconnection: false,
    autoConnect: false,
    extraHeaders: { origin: `http://127.0.0.1:${port}`, ...headers },
  });
  return socket;
}

/** The next event of a kind. */
export const next = <Event extends keyof ServerEvents>(
  socket: Client,
  event: Event,
): Promise<Parameters<ServerEvents[Event]>[0]> =>
  new Promise((resolve) => {
    // The overloads of `once` do not narrow with a generic event name.
    (socket as { once(event: string, listener: (value: never) => void): unknown }).once(event, resolve);
  });

/** Why the socket was closed. */
export const closed = (socket: Client): Promise<string> =>
  new Promise((resolve) => socket.once('disconnect', resolve));

/** Connects and expects to be refused; the reason the client is told. */
export const refused = (socket: Client): Promise<string> =>
  new Promise((resolve, reject) => {
    socket.once('connect_error', (error) => resolve(error.message));
    socket.once('connect', () => reject(new Error('the socket was let in')));
    socket.connect();
  });

/** The last sequence number in what was sent. */
export const lastSeq = (text: string): number => Number([...text.matchAll(/"seq":(\d+)/g)].at(-1)?.[1] ?? -1);

/** A picture whose every delta is a megabyte, so that what is not read soon fills every buffer. */
export function heavyFeed(): SocketFeed & { step(): void } {
  const trust = { doubts: ['x'.repeat(1_000_000)] } as unknown as GraphDelta['trust'];
  const listeners = new Set<(step: LiveStep) => void>();
  let seq = 0;
  const graph = () => ({ title: 'heavy', seq }) as unknown as SocketSnapshot['graph'];
  return {
    snapshot: () => ({ graph: graph(), findings: [] }),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    step() {
      seq += 1;
      const delta: GraphDelta = {
        seq,
        now: START,
        nodes: [],
        removedNodes: [],
        edges: [],
        removedEdges: [],
        ticks: [],
        minutes: [],
        trust,
        findings: [],
      };
      for (const listener of listeners) listener({ delta, learning: undefined });
    },
  };
}

/** A bare websocket that joins, and then reads nothing until it is told to. */
export async function slowClient(port: number, isJoined: () => boolean) {
  const socket = connect(port, '127.0.0.1');
  const handshake = [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    `Origin: http://127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  socket.write(`${handshake.join('\r\n')}\r\n\r\n`);
  let text = '';
  const until = (isDone: (text: string) => boolean): Promise<string> =>
    new Promise((resolve) => {
      const onData = (chunk: Buffer): void => {
        text += chunk.toString('latin1').replaceAll('x', '');
        if (!isDone(text)) return;
        socket.off('data', onData);
        socket.pause();
        resolve(text);
      };
      socket.on('data', onData);
      socket.resume();
    });
  await until((seen) => seen.includes('pingInterval'));
  // A masked text frame with the mask 0 that says `40`: join the main namespace.
  socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30]));
  await until((seen) => seen.includes('"snapshot"') && isJoined());
  text = '';
  return { readOn: until, close: () => socket.destroy() };
}
