import { setTimeout as sleep } from 'node:timers/promises';
import type { EpochMs } from '#core/flow/time.ts';
import type { GroundTruth } from '#core/simulation/truth.ts';
import { FaultLine, type FaultTally } from './fault-line.ts';
import type { FaultPlan } from './fault-plan.ts';
import { Feed, type FeedClock, type Pace } from './feed.ts';
import { FlowHub } from './flow-hub.ts';
import { type ServerTls, startGrpcServer } from './grpc-server.ts';
import { observerMethods, StreamCount } from './observer-methods.ts';
import type { RecordSource } from './record-source.ts';
import { parseServerVersion } from './server-version.ts';

/** A Relay speaks for all nodes and tells what becomes of them, an agent for its own. */
export type ObserverRole = 'relay' | 'agent';

export interface ObserverOptions {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly source: RecordSource;
  readonly pace: Pace;
  readonly tls?: ServerTls | undefined;
  readonly role?: ObserverRole;
  /** The version it gives out and the shape it speaks, 1.14 to 1.19; the newest unless set. */
  readonly version?: string | undefined;
  /** Messages that are kept for who asks for what was; {@link DEFAULT_MAX_FLOWS} unless set. */
  readonly maxFlows?: number | undefined;
  readonly faults?: FaultPlan;
  /** Decides about faults. */
  readonly seed?: number;
  readonly clock?: FeedClock;
}

/** What an Observer did so far. */
export interface ObserverTally extends FaultTally {
  /** Flows it received. */
  readonly seenFlows: number;
  /** Messages it handed over, to all clients together. */
  readonly sentMessages: number;
  /** Streams it broke off on purpose. */
  readonly cuts: number;
  /** Records that the protocol has no message for. */
  readonly unservable: number;
  readonly connections: number;
  /** Streams of flows that are open. */
  readonly streams: number;
}

/** A running Observer server. */
export interface Observer {
  readonly host: string;
  readonly port: number;
  /** What really happened, up to the last record drawn; undefined for a recording. */
  readonly truth: GroundTruth | undefined;
  tally(): ObserverTally;
  /** The instant up to which records were played. */
  reached(): EpochMs | undefined;
  /** Resolves when every record was played; rejects when the source failed. */
  readonly played: Promise<void>;
  /** Ends every stream with UNAVAILABLE and frees the port. */
  close(): Promise<void>;
}

/** Hubble's own ring for one node. */
export const DEFAULT_MAX_FLOWS = 4095;
/** Kept at most, unless somebody asks for more: some 20 MB. */
const MAX_DEFAULT_RING = 4 * DEFAULT_MAX_FLOWS;
export const NEWEST_VERSION = '1.19.4';

const processClock: FeedClock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  wait: async (ms, signal) => {
    try {
      await sleep(ms, undefined, { signal });
    } catch {
      // An aborted wait is over, like one that has passed.
    }
  },
};

const ringCapacity = (maxFlows: number | undefined, nodes: readonly string[]): number =>
  maxFlows ?? Math.min(MAX_DEFAULT_RING, DEFAULT_MAX_FLOWS * Math.max(1, nodes.length));

/**
 * Starts an Observer server, good enough for any client of Hubble. Rejects with the system's error when the address
 * can not be taken. Throws a RangeError for a version whose shape is not known.
 */
export async function startObserver(options: ObserverOptions): Promise<Observer> {
  const { source, faults = {}, seed = 1, clock = processClock, role = 'relay' } = options;
  const version = options.version ?? NEWEST_VERSION;
  const minor = parseServerVersion(version);
  if (minor === undefined) throw new RangeError(`the shape of version ${version} is not known`);
  const nodes = faults.hasNoNodes === true ? [] : source.nodes;
  const hub = new FlowHub({ capacity: ringCapacity(options.maxFlows, nodes), minor, nodes });
  const line = new FaultLine(faults, seed, source.nodes);
  const streams = new StreamCount();
  const feed = new Feed({ source, line, hub, pace: options.pace, clock, clients: () => streams });
  const stop = new AbortController();
  const startedMs = clock.monotonicMs();
  const server = await startGrpcServer({
    host: options.host,
    port: options.port,
    tls: options.tls,
    metadata: metadataOf(role, version),
    methods: observerMethods({
      hub,
      minor,
      version,
      role,
      faults,
      seed,
      streams,
      hasTls: options.tls !== undefined,
      wallMs: () => clock.wallMs(),
      uptimeMs: () => clock.monotonicMs() - startedMs,
    }),
  });
  const isSilent = faults.isMute === true || faults.hasNoNodes === true;
  const played = isSilent ? Promise.resolve() : feed.run(stop.signal);
  // Whoever waits for it hears of a failure; a server nobody waits for goes on serving what it has.
  played.catch(() => undefined);
  return {
    host: server.host,
    port: server.port,
    truth: source.truth,
    played,
    reached: () => feed.reached,
    tally: () => ({
      ...line.tally(),
      seenFlows: hub.seenFlows,
      unservable: hub.unservable,
      sentMessages: streams.sentMessages,
      cuts: streams.cuts,
      streams: streams.open,
      connections: server.connections(),
    }),
    close: async () => {
      stop.abort();
      await server.close();
      await played.catch(() => undefined);
      await source.close();
    },
  };
}

const metadataOf = (role: ObserverRole, version: string): Readonly<Record<string, string>> => ({
  'hubble-server-version': version,
  ...(role === 'relay' && { 'hubble-relay-version': version }),
});
