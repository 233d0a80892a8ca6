import { setTimeout as wait } from 'node:timers/promises';
import type { GraphBuilder } from '#core/graph/graph-builder.ts';
import { collectLive, DEFAULT_TLS, type LiveCollector, relayAddress } from '../../collector/main.ts';
import { RELAY_TUNING, type RelayTuning } from '../../collector/sources/hubble/relay/relay-options.ts';
import { edgeName } from './soak-edges.ts';
import { fixed, grouped, megabytes } from './table.ts';

/** Starts to follow a server on this machine, as `bulkhead serve --hubble` does. */
export function startCollector(
  port: number,
  builder: GraphBuilder,
  tuning: RelayTuning = RELAY_TUNING,
): LiveCollector {
  const address = relayAddress(`127.0.0.1:${port}`, 'as-written');
  if (!address.ok) throw new Error(address.error);
  const collector = collectLive(
    {
      targets: [{ address: address.value, tls: DEFAULT_TLS }],
      followed: [],
      tuning,
      cluster: 'demo',
      clock: { wallMs: () => Date.now(), monotonicMs: () => performance.now(), random: Math.random },
    },
    (window) => builder.apply(window),
  );
  collector.start();
  return collector;
}

/** What arrived, with what the receiver says it left out, in flows. */
export interface Received {
  /** Each once. */
  readonly flows: number;
  /** Lost at their node, as the node tells. */
  readonly toldLost: number;
  readonly shedEvidence: number;
  readonly bad: number;
  readonly duplicates: number;
  readonly reconnects: number;
  readonly gaps: number;
  readonly conversations: number;
}

/** What the collector says of itself so far. */
export function received(collector: LiveCollector): Received {
  const { flows, timeless, lostEvents, conversations } = collector.coverage();
  const [status] = collector.statuses();
  const { duplicates = 0, reconnects = 0, gaps = 0, shedEvidence = 0 } = status?.live ?? {};
  const bad = status?.summary.badRecords ?? 0;
  const toldLost = Number(lostEvents) - shedEvidence;
  return {
    flows: flows + timeless,
    ...{ toldLost, shedEvidence, bad, duplicates, reconnects, gaps, conversations },
  };
}

/** The names of the edges that were made. */
export const edgesOf = (builder: GraphBuilder): ReadonlySet<string> =>
  new Set(
    [...builder.snapshot().edges.values()].map(({ from, to, protocol, port }) =>
      edgeName(from, to, { protocol, port }),
    ),
  );

const SAMPLE_MS = 1000;

interface Minute {
  readonly number: number;
  readonly seconds: number;
  readonly flows: number;
  readonly rss: number;
  readonly leastHeap: number;
}

const minuteLine = ({ number, seconds, flows, rss, leastHeap }: Minute): string =>
  `  minute ${String(number).padStart(3)}  ${megabytes(rss).padStart(8)} resident  ${megabytes(leastHeap).padStart(8)} ` +
  `least heap  ${grouped(flows / seconds).padStart(8)} flows/s\n`;

/**
 * Samples resident memory each second until `isOver`, and prints it each minute with the least of the heap that was
 * in use: what is left when garbage was collected.
 */
export async function sampled(isOver: () => boolean, flowsNow: () => number): Promise<readonly number[]> {
  const samples: number[] = [];
  let [flowsBefore, beforeMs, number] = [flowsNow(), performance.now(), 1];
  let leastHeap = Number.POSITIVE_INFINITY;
  while (!isOver()) {
    await wait(SAMPLE_MS);
    const { rss, heapUsed } = process.memoryUsage();
    samples.push(rss);
    leastHeap = Math.min(leastHeap, heapUsed);
    const passedMs = performance.now() - beforeMs;
    if (passedMs < 60_000 && !isOver()) continue;
    const flows = flowsNow();
    const minute = { number, seconds: passedMs / 1000, flows: flows - flowsBefore, rss, leastHeap };
    process.stdout.write(minuteLine(minute));
    [flowsBefore, beforeMs, number] = [flows, performance.now(), number + 1];
    leastHeap = Number.POSITIVE_INFINITY;
  }
  return samples;
}

/** Resident memory of the last third may be this share above that of the first. */
const FLAT_WITHIN = 0.1;
/** At the beginning code is compiled and caches fill: a minute, or a third of a short run. */
const WARM_UP_SAMPLES = 60_000 / SAMPLE_MS;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** One line: whether more was resident in the last third of the run than in the first. */
export function memoryLine(samples: readonly number[]): string {
  const warm = samples.slice(Math.min(WARM_UP_SAMPLES, Math.floor(samples.length / 3)));
  const third = Math.max(1, Math.floor(warm.length / 3));
  const [first, last] = [median(warm.slice(0, third)), median(warm.slice(-third))];
  const by = last / first - 1;
  return (
    `  memory ${by <= FLAT_WITHIN ? 'flat' : 'GROWS'}: after warming up ${megabytes(first)} in the first third, ` +
    `${megabytes(last)} in the last (${fixed(by * 100, 1)} %, flat is at most ${fixed(FLAT_WITHIN * 100, 0)} %)\n`
  );
}
