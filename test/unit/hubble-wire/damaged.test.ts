import { describe, expect, test } from 'vitest';
import { createFlowDecoder } from '../../../collector/sources/hubble/wire/flow-decoder.ts';
import { decodedFrame, frameOf, PLAIN_WIRE_FLOW, run, tag, varint } from '../../support/wire-frames.ts';

const bytes = (...parts: readonly number[]): Uint8Array => Uint8Array.from(parts);
const inFlow = (...parts: readonly number[]): Uint8Array => Uint8Array.from(run(1, parts));
const groups = (depth: number): number[] => [
  ...Array.from({ length: depth }, () => tag(50, 3)).flat(),
  ...Array.from({ length: depth }, () => tag(50, 4)).flat(),
];

describe('C12: what is no message is a counted reason, and never an exception', () => {
  test.each([
    ['a length without content', 'truncated', bytes(...tag(1, 2), 100, 8)],
    ['a name that is longer than its endpoint', 'truncated', inFlow(...tag(8, 2), 3, ...tag(5, 2), 100, 65)],
    [
      'labels that are longer than their endpoint',
      'truncated',
      inFlow(...tag(8, 2), 3, ...tag(4, 2), 100, 65),
    ],
    ['a length of two gigabytes', 'truncated', bytes(...tag(1, 2), ...varint(2 ** 31 - 1), 8)],
    ['a length beyond 32 bits', 'bad_varint', bytes(...tag(1, 2), ...varint(2 ** 40), 8)],
    ['a tag without a value', 'truncated', inFlow(...tag(2, 0))],
    ['a number without an end', 'bad_varint', inFlow(...tag(32, 0), ...new Array<number>(11).fill(0x80), 1)],
    ['fixed bytes that are not there', 'truncated', inFlow(...tag(60, 1), 1, 2, 3)],
    ['text where a number belongs', 'wrong_wire_type', inFlow(...run(2, [1, 2]))],
    ['a number where a message belongs', 'wrong_wire_type', inFlow(...tag(8, 0), 5)],
    ['a type that protobuf does not have', 'wrong_wire_type', inFlow(...tag(60, 7), 5)],
    ['field number 0', 'malformed', inFlow(...tag(0, 0), 5)],
    ['a group that ends as another', 'malformed', inFlow(...tag(50, 3), ...tag(51, 4))],
    ['a group without an end', 'truncated', inFlow(...tag(50, 3), ...tag(1, 0), 5)],
    ['groups 33 deep', 'too_deep', inFlow(...groups(33))],
    ['a million groups', 'too_deep', Uint8Array.from(run(1, groups(1_000_000)))],
    ['text that is not UTF-8', 'bad_text', frameOfNode([0xff, 0xfe])],
    ['more than 4 MiB', 'too_large', new Uint8Array(4 * 1024 * 1024 + 1)],
  ])('%s is %s', (_, code, frame) => {
    expect(decodedFrame(frame)).toEqual({ kind: 'bad', code, at: undefined });
  });

  test('groups 32 deep are passed over', () => {
    const flow = frameOf(PLAIN_WIRE_FLOW);
    expect(decodedFrame(bytes(...groups(32), ...flow))).toEqual(decodedFrame(flow));
  });

  test('a message cut anywhere is bad or a flow, and the next one is decoded', () => {
    const whole = frameOf(PLAIN_WIRE_FLOW, { node_name: 'kind/worker-1' });
    const decoder = createFlowDecoder();
    const kinds = new Set<string>();
    for (let end = 0; end < whole.length; end += 1) {
      kinds.add(decoder.decode(whole.subarray(0, end)).kind);
      expect(decoder.decode(whole)).toEqual(decodedFrame(whole));
    }
    expect(kinds).toEqual(new Set(['bad', 'flow']));
    expect(decoder.counts().bad).toBeGreaterThan(whole.length / 2);
  });

  test('a message that should end beyond its buffer is truncated', () => {
    const whole = frameOf(PLAIN_WIRE_FLOW);
    const record = createFlowDecoder().decode(whole, 0, whole.length + 1);
    expect(record).toEqual({ kind: 'bad', code: 'truncated', at: undefined });
  });

  test('every bad message is counted, once', () => {
    const decoder = createFlowDecoder();
    for (let i = 0; i < 100; i += 1) decoder.decode(bytes(...tag(1, 2), 100));
    expect(decoder.counts()).toEqual({ frames: 100, unusual: 0, bad: 100, evicted: 0 });
  });

  test('labels without end, each flow with new ones, cost time but no memory beyond the bound', () => {
    const decoder = createFlowDecoder({ endpoints: { entries: 1000, bytes: 64 * 1024 } });
    for (let i = 0; i < 300; i += 1) {
      const labels = Array.from({ length: 200 }, (_, n) => `k8s:x${i}-${n}=${'v'.repeat(40)}`);
      const source = { ...PLAIN_WIRE_FLOW.source, labels };
      expect(decoder.decode(frameOf({ ...PLAIN_WIRE_FLOW, source }))).toMatchObject({ kind: 'flow' });
    }
    expect(decoder.counts().evicted).toBe(0);
  });
});

function frameOfNode(name: readonly number[]): Uint8Array {
  const { node_name: _, ...flow } = PLAIN_WIRE_FLOW;
  return bytes(...frameOf(flow), ...run(1000, name));
}
