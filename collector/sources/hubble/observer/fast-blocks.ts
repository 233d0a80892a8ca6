import { messageOf } from './flow-hub.ts';
import { numberOf, type ResponseMessage } from './messages.ts';
import type { RecordSource } from './record-source.ts';
import type { ServedRecord } from './served-record.ts';

/** Where a message holds what must differ between two rounds. */
interface Place {
  /** Of the first hexadecimal digit of the uuid; -1 without one. */
  readonly uuidAt: number;
  /** Of each varint of seconds, all five bytes long. */
  readonly secondsAt: readonly number[];
  readonly seconds: number;
}

/** Frames of many messages in one piece of memory, ready to be written. */
export interface FrameBlock {
  readonly bytes: Buffer;
  readonly messages: number;
  readonly places: readonly Place[];
}

/** Blocks that follow each other in time. */
export interface FrameBlocks {
  readonly blocks: readonly FrameBlock[];
  readonly messages: number;
  readonly bytes: number;
  /** Whole seconds from the first message to after the last. */
  readonly spanSeconds: number;
}

const VARINT_BYTES = 5;
/** Digits of the uuid that count the round. */
const ROUND_DIGITS = 6;

/** Writes a number of 29 to 35 bits as protobuf's varint. */
function writeVarint(bytes: Buffer, at: number, value: number): void {
  let left = value;
  for (let i = 0; i < VARINT_BYTES; i += 1) {
    const isLast = i === VARINT_BYTES - 1;
    bytes[at + i] = isLast ? left : (left % 128) | 128;
    left = Math.floor(left / 128);
  }
}

function secondsKey(seconds: number): Buffer {
  const key = Buffer.alloc(1 + VARINT_BYTES);
  key[0] = 0x08; // field 1 of a Timestamp, as varint
  writeVarint(key, 1, seconds);
  return key;
}

/** The time stands at the begin of the flow and at the end of the message. */
function placeIn(frame: Buffer, message: ResponseMessage): Place {
  const uuid = message.flow?.uuid ?? '';
  const seconds = message.time === null ? 0 : numberOf(message.time.seconds);
  const key = secondsKey(seconds);
  const ends = [frame.indexOf(key), frame.lastIndexOf(key)];
  return {
    uuidAt: uuid === '' ? -1 : frame.indexOf(uuid, 0, 'latin1'),
    secondsAt: [...new Set(ends)].filter((at) => at !== -1).map((at) => at + 1),
    seconds,
  };
}

const moved = ({ uuidAt, secondsAt, seconds }: Place, by: number): Place => ({
  uuidAt: uuidAt === -1 ? -1 : uuidAt + by,
  secondsAt: secondsAt.map((at) => at + by),
  seconds,
});

function blockOf(frames: readonly Buffer[]): FrameBlock {
  const places: Place[] = [];
  let at = 0;
  for (const frame of frames) {
    places.push(moved(placeIn(frame, messageOf(frame)), at));
    at += frame.length;
  }
  return { bytes: Buffer.concat(frames), messages: frames.length, places };
}

/** Draws messages from a source and encodes them, so many a block. `encode` gives a frame, or nothing to leave out. */
export async function encodeBlocks(
  source: RecordSource,
  encode: (record: ServedRecord) => Buffer | undefined,
  facts: { readonly messages: number; readonly messagesPerBlock: number },
): Promise<FrameBlocks> {
  const blocks: FrameBlock[] = [];
  let frames: Buffer[] = [];
  let messages = 0;
  const close = (): void => {
    if (frames.length > 0) blocks.push(blockOf(frames));
    frames = [];
  };
  for (let next = await source.next(); next !== undefined && messages < facts.messages; ) {
    const frame = encode(next);
    if (frame !== undefined) {
      frames.push(frame);
      messages += 1;
      if (frames.length === facts.messagesPerBlock) close();
    }
    next = await source.next();
  }
  close();
  const seconds = blocks.flatMap(({ places }) => places.map((place) => place.seconds));
  const span = seconds.reduce((most, second) => Math.max(most, second), 0) - (seconds[0] ?? 0) + 1;
  return {
    blocks,
    messages,
    bytes: blocks.reduce((sum, block) => sum + block.bytes.length, 0),
    spanSeconds: span,
  };
}

/** A copy that nobody else writes into. */
export const copied = ({ bytes, messages, places }: FrameBlock): FrameBlock => ({
  bytes: Buffer.from(bytes),
  messages,
  places,
});

/** Makes the block that of another round: its uuids are new, its times follow those of the round before. */
export function turnTo({ bytes, places }: FrameBlock, round: number, spanSeconds: number): void {
  const digits = Buffer.from((round % 16 ** ROUND_DIGITS).toString(16).padStart(ROUND_DIGITS, '0'), 'latin1');
  for (const { uuidAt, secondsAt, seconds } of places) {
    if (uuidAt !== -1) digits.copy(bytes, uuidAt);
    for (const at of secondsAt) writeVarint(bytes, at, seconds + round * spanSeconds);
  }
}
