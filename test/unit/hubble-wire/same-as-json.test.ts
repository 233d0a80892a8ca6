import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createHubbleDecoder } from '../../../collector/sources/hubble/decode.ts';
import { createHubbleEncoder } from '../../../collector/sources/hubble/encode.ts';
import {
  createFrameEncoder,
  encodeLine,
  encodeResponse,
  responseOfRecord,
} from '../../../collector/sources/hubble/wire/encode-frame.ts';
import { createFlowDecoder } from '../../../collector/sources/hubble/wire/flow-decoder.ts';
import { split } from '../../support/export-reading.ts';
import { hasRecordings, recording, skippedWithoutRecordings } from '../../support/recordings.ts';
import { simulatedEvents } from '../../support/wire-frames.ts';

describe.each([
  ['the demo shop', {}],
  ['a generated cluster', { workloads: 60 }],
] as const)('what %s reports', (_, options) => {
  const events = simulatedEvents(12_000, options);

  test('is the same from the stream as from the export', () => {
    const line = createHubbleEncoder();
    const frame = createFrameEncoder();
    const fromExport = createHubbleDecoder();
    const fromStream = createFlowDecoder();
    const kinds = new Set<string>();
    for (const event of events) {
      const record = fromStream.decode(frame.encode(event));
      kinds.add(record.kind);
      expect(record).toEqual(fromExport.decode(line(event)));
    }
    expect(kinds).toEqual(new Set(['flow', 'node-status', ...(kinds.has('lost') ? ['lost'] : [])]));
    expect(fromStream.counts()).toMatchObject({ frames: events.length, bad: 0 });
  });

  test('needs the full decoder for nothing but status and losses', () => {
    const frame = createFrameEncoder();
    const decoder = createFlowDecoder();
    for (const event of events) decoder.decode(frame.encode(event));
    expect(decoder.counts().unusual).toBe(events.filter(({ kind }) => kind !== 'flow').length);
  });
});

describe.skipIf(!hasRecordings)(`every recorded flow${skippedWithoutRecordings}`, () => {
  const files = hasRecordings ? globSync(recording('flows/hubble/**/*.{json,jsonl}')).sort() : [];

  /** The record as a server streams it; undefined where the file's own shape has no place in the protocol. */
  function frameIn(text: string): Uint8Array | undefined {
    try {
      const record = JSON.parse(text) as Record<string, unknown>;
      return 'flow' in record ? encodeLine(text) : encodeResponse(responseOfRecord({ flow: record }));
    } catch {
      return undefined;
    }
  }

  /** Both readings of a file's flows; `streamed` is undefined where the protocol has no place for the record. */
  function readBothWays(file: string) {
    const fromStream = createFlowDecoder();
    const fromExport = createHubbleDecoder();
    const pieces = split(readFileSync(file)).filter((piece) => piece.kind === 'object');
    return pieces.flatMap(({ text, line }) => {
      const exported = fromExport.decode(text);
      if (exported.kind !== 'flow') return [];
      const frame = frameIn(text);
      return [{ where: `${file}:${line}`, exported, streamed: frame && fromStream.decode(frame) }];
    });
  }

  test('is the same from the stream as from the export', () => {
    const flows = files.flatMap(readBothWays);
    const streamed = flows.filter((flow) => flow.streamed !== undefined);
    for (const { where, exported, streamed: record } of streamed) {
      expect({ ...record, shape: exported.shape }, where).toEqual(exported);
    }
    expect(flows.length).toBeGreaterThan(1900);
    expect(streamed).toHaveLength(flows.length);
  });
});
