import { describe, expect, test } from 'vitest';
import {
  FrameSplitter,
  framed,
  MAX_MESSAGE_BYTES,
} from '../../../collector/sources/hubble/relay/frame-splitter.ts';

function reader() {
  const messages: string[] = [];
  const packed: string[] = [];
  const tooLarge: number[] = [];
  const splitter = new FrameSplitter({
    message: (bytes, start, end) => messages.push(Buffer.from(bytes.subarray(start, end)).toString()),
    compressed: (bytes, start, end) => packed.push(Buffer.from(bytes.subarray(start, end)).toString()),
    tooLarge: (length) => tooLarge.push(length),
  });
  return { splitter, messages, packed, tooLarge };
}

const TEXTS = ['first', '', 'a third one that is longer', 'x'];
const STREAM = Buffer.concat(TEXTS.map((text) => framed(Buffer.from(text))));

function prefix(flag: number, length: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = flag;
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

describe('frames of a stream', () => {
  test('are the same wherever the stream is cut in two', () => {
    for (let cut = 0; cut <= STREAM.length; cut += 1) {
      const { splitter, messages } = reader();
      splitter.push(STREAM.subarray(0, cut));
      splitter.push(STREAM.subarray(cut));
      expect(messages).toEqual(TEXTS);
      expect(splitter.isBetween).toBe(true);
    }
  });

  test('are the same wherever the stream is cut in three', () => {
    for (let first = 0; first <= STREAM.length; first += 1) {
      for (let second = first; second <= STREAM.length; second += 1) {
        const { splitter, messages } = reader();
        for (const [from, to] of [
          [0, first],
          [first, second],
          [second, STREAM.length],
        ] as const) {
          splitter.push(STREAM.subarray(from, to));
        }
        expect(messages).toEqual(TEXTS);
      }
    }
  });

  test('are the same when each byte comes alone', () => {
    const { splitter, messages } = reader();
    for (const byte of STREAM) splitter.push(Uint8Array.of(byte));
    expect(messages).toEqual(TEXTS);
  });

  test('that are compressed are told apart', () => {
    const { splitter, messages, packed } = reader();
    splitter.push(Buffer.concat([prefix(1, 3), Buffer.from('abc'), framed(Buffer.from('plain'))]));
    expect({ messages, packed }).toEqual({ messages: ['plain'], packed: ['abc'] });
  });

  test('that end in the middle leave the stream unfinished', () => {
    const { splitter } = reader();
    splitter.push(STREAM.subarray(0, 7));
    expect(splitter.isBetween).toBe(false);
  });
});

describe('C12 frames that are too much', () => {
  test('are passed over when they are above 4 MiB, and the next one is read', () => {
    const length = MAX_MESSAGE_BYTES + 1;
    const large = Buffer.concat([prefix(0, length), Buffer.alloc(length), framed(Buffer.from('after'))]);
    for (const step of [large.length, 65_536, 1_000_003]) {
      const { splitter, messages, tooLarge } = reader();
      for (let at = 0; at < large.length; at += step) splitter.push(large.subarray(at, at + step));
      expect({ messages, tooLarge }).toEqual({ messages: ['after'], tooLarge: [length] });
      expect(splitter.isBetween).toBe(true);
    }
  });

  test('of 2 GiB end the stream before any room is made for them', () => {
    const before = process.memoryUsage().arrayBuffers;
    const { splitter } = reader();
    expect(splitter.push(prefix(0, 2 ** 31))).toBe('frame_length');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });

  test('of 2 GiB end the stream also when their length comes byte by byte', () => {
    const { splitter } = reader();
    const faults = [...prefix(0, 2 ** 31)].map((byte) => splitter.push(Uint8Array.of(byte)));
    expect(faults.at(-1)).toBe('frame_length');
  });

  test('with an unknown flag end the stream', () => {
    expect(reader().splitter.push(prefix(7, 1))).toBe('bad_frame');
  });

  test('of 4 MiB exactly are read', () => {
    const { splitter, tooLarge } = reader();
    splitter.push(framed(Buffer.alloc(MAX_MESSAGE_BYTES)).subarray(0, 100));
    splitter.push(framed(Buffer.alloc(MAX_MESSAGE_BYTES)).subarray(100));
    expect({ isBetween: splitter.isBetween, tooLarge }).toEqual({ isBetween: true, tooLarge: [] });
  });
});
