import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PartialDecoder } from '../../collector/sources/hubble/wire/decode-frame.ts';
import { createFrameEncoder } from '../../collector/sources/hubble/wire/encode-frame.ts';
import { createFlowDecoder, ENDPOINT_BOUNDS } from '../../collector/sources/hubble/wire/flow-decoder.ts';
import { createFullDecoder } from '../../collector/sources/hubble/wire/full-decoder.ts';
import { simulatedEvents } from '../support/wire-frames.ts';

const encoder = createFrameEncoder();
/** One of each kind of flow that the demo has, and some more. */
const corpus = simulatedEvents(20_000)
  .filter((_, i) => i % 37 === 0)
  .map((event) => encoder.encode(event));

type Mutation =
  | { readonly do: 'set' | 'flip' | 'insert'; readonly at: number; readonly value: number }
  | { readonly do: 'cut'; readonly at: number; readonly length: number }
  | { readonly do: 'repeat'; readonly at: number; readonly length: number };

const anyPlace = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const anyByte = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255));
const anyMutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ do: fc.constantFrom('set', 'flip', 'insert'), at: anyPlace, value: anyByte }),
  fc.record({ do: fc.constant('cut'), at: anyPlace, length: fc.nat(40) }),
  fc.record({ do: fc.constant('repeat'), at: anyPlace, length: fc.nat(300) }),
);

function mutated(bytes: Uint8Array, mutation: Mutation): Uint8Array {
  const at = Math.floor(mutation.at * bytes.length);
  const before = bytes.subarray(0, at);
  switch (mutation.do) {
    case 'cut':
      return Buffer.concat([before, bytes.subarray(at + mutation.length)]);
    case 'repeat':
      return Buffer.concat([before, bytes.subarray(at, at + mutation.length), bytes.subarray(at)]);
    case 'insert':
      return Buffer.concat([before, Uint8Array.of(mutation.value), bytes.subarray(at)]);
    default: {
      const value = mutation.do === 'set' ? mutation.value : (bytes[at] ?? 0) ^ (1 << (mutation.value % 8));
      return Buffer.concat([before, Uint8Array.of(value), bytes.subarray(at + 1)]);
    }
  }
}

const anyFrame = fc
  .tuple(fc.nat(corpus.length - 1), fc.array(anyMutation, { maxLength: 4 }))
  .map(([i, mutations]) => mutations.reduce(mutated, corpus[i] ?? new Uint8Array(0)));

/** Of what the partial decoder passes over it does not look inside: damage there is not its business. */
const IN_WHAT_IS_SKIPPED = new Set([
  'truncated',
  'bad_varint',
  'bad_text',
  'wrong_wire_type',
  'malformed',
  'too_deep',
]);

describe('the partial decoder beside the one that knows the whole schema', () => {
  const full = createFullDecoder();

  test('answers the same wherever both answer, and calls damaged only what is', () => {
    const partial = new PartialDecoder(ENDPOINT_BOUNDS);
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const expected = full.decode(frame, 0, frame.length);
        const decoded = partial.decode(frame, 0, frame.length);
        const { fault } = partial;
        if (decoded !== undefined) {
          if (expected.kind === 'bad') expect(IN_WHAT_IS_SKIPPED).toContain(expected.code);
          else expect(decoded).toEqual(expected);
        } else if (fault !== undefined && fault !== 'wrong_wire_type') expect(expected.kind).toBe('bad');
      }),
      { numRuns: 8000 },
    );
  });

  test('bytes of any kind are decoded or refused with a reason, and the stream goes on', () => {
    const decoder = createFlowDecoder();
    const [good = new Uint8Array(0)] = corpus;
    const expected = full.decode(good, 0, good.length);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400, size: 'max' }), (bytes) => {
        const record = decoder.decode(bytes);
        if (record.kind === 'bad') expect(record.code).not.toBe('');
        expect(decoder.decode(good)).toEqual(expected);
      }),
      { numRuns: 3000 },
    );
  });
});
