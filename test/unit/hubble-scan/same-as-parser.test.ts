import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RecordSplitter } from '../../../collector/sources/files/record-splitter.ts';
import { createHubbleDecoder, type DecodedRecord } from '../../../collector/sources/hubble/decode.ts';
import { createHubbleEncoder } from '../../../collector/sources/hubble/encode.ts';
import { LineDecoder } from '../../../collector/sources/hubble/scan/decode-line.ts';
import { split } from '../../support/export-reading.ts';
import { hasRecordings, recording, skippedWithoutRecordings } from '../../support/recordings.ts';
import { decodeText, scanners } from '../../support/scanners.ts';
import { simulatedEvents } from '../../support/wire-frames.ts';

describe.each(await scanners())('the scanner %s', (_, make) => {
  describe.each([
    ['the demo shop', {}],
    ['a generated cluster', { workloads: 60 }],
  ] as const)('on lines of %s', (_name, options) => {
    const encode = createHubbleEncoder();
    const lines = simulatedEvents(12_000, options).map(encode);

    test('finds the flow that parsing the line gives, and declines only what is no flow', () => {
      const parsing = createHubbleDecoder();
      const decoder = new LineDecoder(make());
      let others = 0;
      for (const line of lines) {
        const expected = parsing.decode(line);
        const isFlow = expected.kind === 'flow';
        if (!isFlow) others += 1;
        expect(decodeText(decoder, line)).toEqual(isFlow ? expected : undefined);
      }
      expect(decoder.counts()).toEqual({ lines: lines.length, declined: others, resets: 0 });
    });

    test('finds it in chunks of any size', () => {
      const bytes = Buffer.from(`${lines.slice(0, 400).join('\n')}\n`);
      const whole = flowsOf(bytes, bytes.length, new LineDecoder(make()));
      expect(whole.length).toBe(400);
      for (const size of [1, 7, 1000, 65_536]) {
        expect(flowsOf(bytes, size, new LineDecoder(make()))).toEqual(whole);
      }
    });
  });

  describe.skipIf(!hasRecordings)(`on recorded flows${skippedWithoutRecordings}`, () => {
    const files = hasRecordings ? globSync(recording('flows/hubble/**/*.{json,jsonl}')).sort() : [];

    function readBothWays(file: string) {
      const parsing = createHubbleDecoder();
      const decoder = new LineDecoder(make());
      const pieces = split(readFileSync(file)).filter((piece) => piece.kind === 'object');
      return pieces.map(({ text, line }) => ({
        where: `${file}:${line}`,
        scanned: decodeText(decoder, text),
        parsed: parsing.decode(text),
      }));
    }

    test('never finds another flow than parsing gives, and finds those of today’s exporter', () => {
      const found = files.flatMap(readBothWays).filter(({ scanned }) => scanned !== undefined);
      for (const { where, scanned, parsed } of found) expect(scanned, where).toEqual(parsed);
      expect(found.length).toBeGreaterThan(1700);
    });
  });
});

function flowsOf(bytes: Buffer, size: number, decoder: LineDecoder): DecodedRecord[] {
  const splitter = new RecordSplitter((held, from, to) => decoder.decode(held, from, to));
  const pieces = [];
  for (let at = 0; at < bytes.length; at += size)
    pieces.push(...splitter.push(bytes.subarray(at, at + size)));
  pieces.push(...splitter.finish());
  const parsing = createHubbleDecoder();
  return pieces.flatMap((piece) => {
    if (piece.kind === 'read') return [piece.read];
    return piece.kind === 'object' ? [parsing.decode(piece.text)] : [];
  });
}
