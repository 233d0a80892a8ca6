import { onTestFinished } from 'vitest';
import type { EdgeWindow } from '#core/graph/edge-window.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import {
  type CollectorClock,
  collectLive,
  DEFAULT_TLS,
  type LiveCollector,
  type LiveStatus,
  relayAddress,
  type TlsSettings,
} from '../../../collector/main.ts';
import { RELAY_TUNING, type RelayTuning } from '../../../collector/sources/hubble/relay/relay-options.ts';

export const CLOCK: CollectorClock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  random: () => 0,
};

/** Comes back at once, so that a test of reconnecting takes no longer than it must. */
const IMPATIENT: RelayTuning = {
  ...RELAY_TUNING,
  backOff: { firstMs: 10, mostMs: 20, stableMs: 60_000 },
  backlog: 100_000,
  statusEveryMs: 50,
  filesEveryMs: 50,
};

export interface Followed {
  readonly collector: LiveCollector;
  readonly news: readonly string[];
  status(): LiveStatus;
  graph(): ServiceGraph;
  /** Resolves once the status is as wanted; the test's own time-out ends waiting. */
  until(isWanted: (status: LiveStatus) => boolean): Promise<LiveStatus>;
}

export interface FollowWishes {
  readonly tls?: Partial<TlsSettings>;
  readonly tuning?: Partial<RelayTuning>;
  readonly window?: (window: EdgeWindow) => void;
}

/** Follows servers by their addresses until the test ends. */
export function followed(addresses: readonly string[], wishes: FollowWishes = {}): Followed {
  const builder = new GraphBuilder();
  const news: string[] = [];
  const targets = addresses.map((text) => {
    const address = relayAddress(text, 'as-written');
    if (!address.ok) throw new Error(address.error);
    return { address: address.value, tls: { ...DEFAULT_TLS, ...wishes.tls } };
  });
  const collector = collectLive(
    {
      targets,
      followed: [],
      clock: CLOCK,
      onNews: ({ sentence }) => news.push(sentence),
      tuning: { ...IMPATIENT, ...wishes.tuning },
    },
    (window) => builder.apply(window),
  );
  collector.start();
  onTestFinished(() => collector.stop());
  const status = (): LiveStatus => {
    const [first] = collector.statuses();
    if (first === undefined) throw new Error('nothing is followed');
    return first;
  };
  return {
    collector,
    news,
    status,
    graph: () => builder.snapshot(),
    async until(isWanted) {
      for (;;) {
        const now = status();
        if (isWanted(now)) return now;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}
