import { setImmediate as breathe } from 'node:timers/promises';
import type { LiveSource, LiveSourceStatus } from '../../live-source.ts';
import { expandInputs, type InputFile, STANDARD_INPUT } from '../files/expand-inputs.ts';
import { followFile } from '../files/follow-file.ts';
import { describeInputFailure, failureOf, type InputFailure } from '../files/input-failure.ts';
import { readRecords } from '../files/read-records.ts';
import { rotatedSets } from '../files/rotated-set.ts';
import type { ReadRecord, TextRecord } from '../files/text-record.ts';
import type { DecodedRecord } from './decode.ts';
import { BEFORE_ALL, ChunkDecoder } from './decode-chunk.ts';
import { ExportTally } from './export-tally.ts';
import { isTellable, type RecordSink } from './relay/flow-intake.ts';
import { RateMeter } from './relay/rate-meter.ts';
import type { RecentFlows } from './relay/recent-flows.ts';
import type { LiveClock } from './relay/relay-options.ts';
import { openScanner } from './scan/open-scanner.ts';

export interface FollowExportWorld {
  readonly sink: RecordSink;
  readonly recent: RecentFlows;
  readonly clock: LiveClock;
  /** Between two looks at the file. */
  readonly pollMs?: number;
}

/** Files that belong together: those that were rotated away, oldest first, and the one that is written. */
export interface FollowedSet {
  readonly rotated: readonly InputFile[];
  readonly path: string;
}

const POLL_MS = 250;

/** Waits that end early when they are told to. */
class Alarm {
  #wake: (() => void) | undefined = undefined;
  #isRung = false;

  wait(ms: number): Promise<void> {
    if (this.#isRung) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  get isRung(): boolean {
    return this.#isRung;
  }
}

/** Follows one export that a node writes; the files rotated before are read first. */
export class FollowedExport implements LiveSource {
  readonly #set: FollowedSet;
  readonly #world: FollowExportWorld;
  readonly #tally = new ExportTally();
  readonly #decoder = new ChunkDecoder(this.#tally, openScanner());
  readonly #rate = new RateMeter();
  readonly #alarm = new Alarm();
  #running: Promise<void> = Promise.resolve();
  #failure: InputFailure | undefined = undefined;
  #isOpen = false;
  #bytes = 0;
  #flows = 0;
  #duplicates = 0;
  #rotations = 0;
  #lastAt = BEFORE_ALL;
  #lag: number | undefined = undefined;

  constructor(set: FollowedSet, world: FollowExportWorld) {
    this.#set = set;
    this.#world = world;
    this.#tally.beginFile(set.path);
  }

  start(): void {
    this.#running = this.#run().catch((error: unknown) => {
      this.#isOpen = false;
      this.#failure = failureOf(error, this.#set.path);
    });
  }

  async stop(): Promise<void> {
    this.#alarm.ring();
    await this.#running;
  }

  tick(): void {
    this.#rate.sample(this.#flows, this.#world.clock.monotonicMs());
  }

  isLive(): boolean {
    return this.#isOpen;
  }

  status(): LiveSourceStatus {
    const failure = this.#failure;
    const problem = failure === undefined ? undefined : describeInputFailure(failure);
    return {
      name: this.#set.path,
      kind: 'file',
      state: this.#isOpen ? 'live' : failure === undefined ? 'connecting' : 'failed',
      problem: failure?.code === 'not_found' ? `${problem} It is waited for.` : problem,
      bytesRead: this.#bytes,
      summary: this.#tally.summary(),
      live: {
        isConnected: this.#isOpen,
        version: undefined,
        connectedNodes: undefined,
        unavailableNodes: undefined,
        flowsPerSecond: this.#rate.perSecond(),
        lagMs: this.#lag,
        lastFlowAt: this.#lastAt === BEFORE_ALL ? undefined : this.#lastAt,
        reconnects: this.#rotations,
        duplicates: this.#duplicates,
        shedEvidence: 0,
        gaps: 0,
        notices: [],
      },
    };
  }

  async #run(): Promise<void> {
    for (const file of this.#set.rotated) await this.#readWhole(file);
    await followFile<DecodedRecord>({
      readLine: this.#decoder.readLine,
      path: this.#set.path,
      wait: () => this.#alarm.wait(this.#world.pollMs ?? POLL_MS),
      breathe: () => breathe(),
      isStopped: () => this.#alarm.isRung,
      records: (file, records) => this.#take(file, records),
      bytes: (count) => this.#countBytes(count),
      rotated: () => {
        this.#rotations += 1;
      },
      state: (state) => {
        this.#isOpen = state.is === 'open';
        this.#failure = state.is === 'open' ? undefined : state.failure;
      },
    });
  }

  async #readWhole(file: InputFile): Promise<void> {
    const onBytes = (count: number): void => this.#countBytes(count);
    const options = { onBytes, readLine: this.#decoder.readLine };
    for await (const batch of readRecords(file, options)) {
      if (this.#alarm.isRung) return;
      if ('failure' in batch) this.#failure = batch.failure;
      else this.#take(file.path, batch.records);
      await breathe();
    }
  }

  #countBytes(count: number): void {
    this.#bytes += count;
  }

  #take(file: string, texts: readonly (TextRecord | ReadRecord<DecodedRecord>)[]): void {
    const { sink, recent, clock } = this.#world;
    const chunk = this.#decoder.decode(file, texts, this.#lastAt);
    this.#lastAt = chunk.times.at(-1) ?? this.#lastAt;
    if (this.#lastAt !== BEFORE_ALL) this.#lag = clock.wallMs() - this.#lastAt;
    for (const record of chunk.records) {
      if (record.kind === 'flow' && isTellable(record) && recent.meet(record.flow)) {
        this.#duplicates += 1;
        continue;
      }
      if (record.kind === 'flow') this.#flows += 1;
      sink.record(record);
    }
  }
}

/** The sets that these names stand for, and one sentence for each that can not be followed. */
export async function followedSets(
  names: readonly string[],
): Promise<{ readonly sets: readonly FollowedSet[]; readonly problems: readonly string[] }> {
  const { inputs, failures } = await expandInputs(names);
  const sets: FollowedSet[] = [];
  const problems: string[] = [];
  for (const members of rotatedSets(inputs)) {
    const live = members.at(-1);
    if (live === undefined) continue;
    if (live.path === STANDARD_INPUT)
      problems.push('Standard input can not be followed: leave out --follow.');
    else sets.push({ rotated: members.slice(0, -1), path: live.path });
  }
  for (const failure of failures) {
    const isAwaited = failure.code === 'not_found' || failure.code === 'empty';
    if (isAwaited) sets.push({ rotated: [], path: failure.input });
    else problems.push(describeInputFailure(failure));
  }
  return { sets, problems };
}
