import type { EpochMs } from '#core/flow/time.ts';
import type { DecodedRecord } from '../decode.ts';
import type { ExportTally } from '../export-tally.ts';
import { createFlowDecoder, type FrameDecoder } from '../wire/flow-decoder.ts';
import { type BadFrame, type DecodedFrame, damaged } from '../wire/frame.ts';
import { EvidenceShedder } from './evidence-shedder.ts';
import { FrameSplitter } from './frame-splitter.ts';
import { unpackedMessage } from './grpc-call.ts';
import type { RecentFlows } from './recent-flows.ts';
import type { ResumeMark } from './resume-mark.ts';

/** Where decoded records go. */
export interface RecordSink {
  /** A record that counts, and is neither bad nor met before. */
  record(record: DecodedRecord): void;
  /** Flows that were left out under pressure. */
  shed(count: number): void;
}

export interface FlowIntakeWorld {
  readonly sink: RecordSink;
  readonly tally: ExportTally;
  readonly recent: RecentFlows;
  readonly mark: ResumeMark;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
  readonly isUnderPressure: () => boolean;
}

const WHAT: Readonly<Record<string, string>> = {
  truncated: 'a message that ends too early',
  bad_varint: 'a message with a number that never ends',
  too_deep: 'a message nested deeper than 32 levels',
  too_large: 'a message larger than 4 MiB',
  wrong_wire_type: 'a message whose field has another type than the protocol gives it',
  malformed: 'a message that can not be decoded',
  bad_text: 'a message with text that is not UTF-8',
  bad_compression: 'a compressed message that is damaged, or larger than 4 MiB',
  not_a_record: 'a message that is no flow, no lost events and no status of nodes',
  empty_flow: 'a flow without a single field that matters',
};

/** Without a time and an id two observations of one connection look alike: neither may be left out. */
export const isTellable = ({ flow, timeless }: Extract<DecodedRecord, { kind: 'flow' }>): boolean =>
  !timeless || flow.uuid !== undefined;

/** From the bytes of one stream after another to records, each once, everything that was met counted. */
export class FlowIntake {
  readonly #world: FlowIntakeWorld;
  readonly #decoder: FrameDecoder = createFlowDecoder();
  readonly #shedder = new EvidenceShedder();
  #splitter: FrameSplitter;
  #arrivedMs = 0;
  #isUnderPressure = false;
  #messages = 0;
  /** Flows of the current stream. */
  flowsOfStream = 0;
  /** Flows of the current stream that were not met before. */
  newOfStream = 0;
  /** Messages of the current stream that could not be read. */
  badOfStream = 0;
  /** New flows so far. */
  flows = 0;
  duplicates = 0;
  shed = 0;
  newestAt: EpochMs | undefined = undefined;
  /** Time of the flow that came last, and when it came. */
  lastAt: EpochMs | undefined = undefined;
  /** The earliest flow of the current stream: whether it reached back to the last one. */
  earliestOfStream: EpochMs | undefined = undefined;

  constructor(world: FlowIntakeWorld) {
    this.#world = world;
    this.#splitter = this.#newSplitter();
  }

  /** What follows is the beginning of a stream. */
  beginStream(): void {
    this.#splitter = this.#newSplitter();
    this.flowsOfStream = 0;
    this.newOfStream = 0;
    this.badOfStream = 0;
    this.earliestOfStream = undefined;
  }

  /** Takes the next bytes; returns why the stream can not be read on, when it can not. */
  take(chunk: Uint8Array): string | undefined {
    this.#arrivedMs = this.#world.monotonicMs();
    this.#isUnderPressure = this.#world.isUnderPressure();
    return this.#splitter.push(chunk);
  }

  /** False when the stream ended within a message. */
  get isBetween(): boolean {
    return this.#splitter.isBetween;
  }

  #newSplitter(): FrameSplitter {
    return new FrameSplitter({
      message: (bytes, start, end) => this.#decode(bytes, start, end),
      compressed: (bytes, start, end) => this.#unpack(bytes, start, end),
      tooLarge: () => this.#refuse({ code: 'too_large', at: undefined }),
    });
  }

  #unpack(bytes: Uint8Array, start: number, end: number): void {
    const message = unpackedMessage(bytes.subarray(start, end));
    if (message !== undefined) this.#decode(message, 0, message.length);
    else this.#refuse({ code: 'bad_compression', at: undefined });
  }

  #decode(bytes: Uint8Array, start: number, end: number): void {
    const record = this.#decoded(bytes, start, end);
    if (record.kind === 'bad') this.#refuse(record);
    else if (record.kind === 'flow') this.#takeFlow(record);
    else if (record.kind === 'lost' && this.#world.recent.meetLoss(record)) this.duplicates += 1;
    else {
      this.#messages += 1;
      this.#world.tally.add(record);
      this.#world.sink.record(record);
    }
  }

  /** Whatever bytes an attacker finds: one message is lost and counted, never the process. */
  #decoded(bytes: Uint8Array, start: number, end: number): DecodedFrame {
    try {
      return this.#decoder.decode(bytes, start, end);
    } catch {
      return damaged('malformed');
    }
  }

  #takeFlow(record: Extract<DecodedRecord, { kind: 'flow' }>): void {
    const world = this.#world;
    const { flow, timeless } = record;
    this.#messages += 1;
    this.flowsOfStream += 1;
    if (!timeless) this.#noteTime(flow.at);
    if (isTellable(record) && world.recent.meet(flow)) {
      this.duplicates += 1;
      return;
    }
    this.newOfStream += 1;
    if (this.#shedder.sheds(flow, this.#isUnderPressure)) {
      this.shed += 1;
      world.sink.shed(1);
      return;
    }
    this.flows += 1;
    world.tally.add(record);
    world.sink.record(record);
  }

  #noteTime(at: EpochMs): void {
    this.lastAt = at;
    if (this.newestAt === undefined || at > this.newestAt) this.newestAt = at;
    if (this.earliestOfStream === undefined || at < this.earliestOfStream) this.earliestOfStream = at;
    this.#world.mark.meet(at, this.#arrivedMs);
  }

  /** `line` counts messages: a stream has no lines. */
  #refuse({ code, at }: Pick<BadFrame, 'at'> & { readonly code: string }): void {
    this.#messages += 1;
    this.badOfStream += 1;
    const what = at === undefined ? (WHAT[code] ?? code) : `field ${at} has an impossible value`;
    this.#world.tally.addBad({ code, at }, { line: this.#messages, what });
  }
}
