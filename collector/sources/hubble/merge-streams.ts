import type { EpochMs } from '#core/flow/time.ts';
import type { DecodedRecord } from './decode.ts';
import { BEFORE_ALL, type DecodedChunk } from './decode-chunk.ts';

/** Records in order of time, from one or several files: `records[i]` begins at line `lines[i]` of `files[i]`. */
export interface DecodedBatch {
  readonly records: readonly DecodedRecord[];
  readonly lines: readonly number[];
  readonly files: readonly string[];
}

/** One stream of chunks, with the chunk that is being used up. */
class Stream {
  readonly #source: AsyncGenerator<DecodedChunk>;
  /** Of records of one instant those of the lower rank come first. */
  readonly #rank: number;
  #chunk: DecodedChunk | undefined = undefined;
  #next = 0;

  constructor(source: AsyncGenerator<DecodedChunk>, rank: number) {
    this.#source = source;
    this.#rank = rank;
  }

  /** Fetches the next chunk, which may hold no record at all; false when there is none. */
  async refill(): Promise<boolean> {
    const { value, done } = await this.#source.next();
    this.#chunk = done === true ? undefined : value;
    this.#next = 0;
    return done !== true;
  }

  get isUsedUp(): boolean {
    return this.#next >= (this.#chunk?.records.length ?? 0);
  }

  /** The time of the next record; a chunk without records comes at once, so that the next one is fetched. */
  get at(): EpochMs {
    return this.#chunk?.times[this.#next] ?? BEFORE_ALL;
  }

  /** True when the next record here comes before the next one there. */
  isBefore(other: Stream): boolean {
    return this.at < other.at || (this.at === other.at && this.#rank < other.#rank);
  }

  /** Takes the records that come before those of `other`; the rest of the chunk without one. */
  take(out: OpenBatch, other: Stream | undefined): void {
    const chunk = this.#chunk;
    if (chunk === undefined) return;
    do {
      const record = chunk.records[this.#next];
      if (record === undefined) return;
      out.records.push(record);
      out.lines.push(chunk.lines[this.#next] ?? 0);
      out.files.push(chunk.file);
      this.#next += 1;
    } while (other === undefined || this.isBefore(other));
  }

  async close(): Promise<void> {
    await this.#source.return(undefined);
  }
}

interface OpenBatch {
  readonly records: DecodedRecord[];
  readonly lines: number[];
  readonly files: string[];
}

const emptyBatch = (): OpenBatch => ({ records: [], lines: [], files: [] });

/** Puts a stream in its place among those that wait, the next one last. */
function enqueue(queue: Stream[], stream: Stream): void {
  let [low, high] = [0, queue.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (queue[middle]?.isBefore(stream) === true) high = middle;
    else low = middle + 1;
  }
  queue.splice(low, 0, stream);
}

/** Records that are handed on at least at a time, while several streams are open. */
const WORTH_A_BATCH = 256;

/** Streams by what they need next. */
interface Lanes {
  /** Those with records, the one that comes first last. */
  readonly queue: Stream[];
  /** Those whose chunk is used up. */
  readonly empty: Stream[];
  readonly unopened: Stream[];
}

/** Fetches a chunk for each stream that has none; a stream that has ended makes room for one that was not opened. */
async function refill({ queue, empty, unopened }: Lanes): Promise<void> {
  for (let stream = empty.pop(); stream !== undefined; stream = empty.pop()) {
    if (await stream.refill()) enqueue(queue, stream);
    else empty.push(...unopened.splice(0, 1));
  }
}

/** Moves records in order of time into a batch until it is worth handing on; false when there are no more. */
async function fill(batch: OpenBatch, lanes: Lanes): Promise<boolean> {
  const { queue, empty } = lanes;
  for (;;) {
    if (empty.length > 0) await refill(lanes);
    const next = queue.pop();
    if (next === undefined) return false;
    next.take(batch, queue.at(-1));
    if (!next.isUsedUp) enqueue(queue, next);
    else {
      empty.push(next);
      if (batch.records.length >= WORTH_A_BATCH || queue.length === 0) return true;
    }
  }
}

/**
 * The records of several streams as one, by the time of each stream's next record: streams that are in order give one
 * that is in order, and a stream that is not keeps its own order. Holds one chunk of each open stream. At most
 * `maxOpen` are open at once; those beyond begin when an earlier one has ended, so that what they hold of the time
 * before comes late.
 */
export async function* mergedByTime(
  sources: readonly AsyncGenerator<DecodedChunk>[],
  maxOpen: number,
): AsyncGenerator<DecodedBatch> {
  const streams = sources.map((source, rank) => new Stream(source, rank));
  const [first, unopened] = [streams.slice(0, maxOpen), streams.slice(maxOpen)];
  const lanes: Lanes = { queue: [], empty: first.toReversed(), unopened };
  try {
    for (let isMore = true; isMore; ) {
      const batch = emptyBatch();
      isMore = await fill(batch, lanes);
      if (isMore || batch.records.length > 0) yield batch;
    }
  } finally {
    for (const stream of streams) await stream.close();
  }
}
