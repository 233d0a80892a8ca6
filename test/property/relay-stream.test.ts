import fc from 'fast-check';
import { expect, test } from 'vitest';
import { demoLines } from '../../collector/main.ts';
import { ExportTally } from '../../collector/sources/hubble/export-tally.ts';
import { FlowIntake } from '../../collector/sources/hubble/relay/flow-intake.ts';
import { framed } from '../../collector/sources/hubble/relay/frame-splitter.ts';
import { RecentFlows } from '../../collector/sources/hubble/relay/recent-flows.ts';
import { ResumeMark } from '../../collector/sources/hubble/relay/resume-mark.ts';
import { encodeLine } from '../../collector/sources/hubble/wire/encode-frame.ts';

/** The stream of the demo's first flows, as a server sends it. */
function stream(count: number): Buffer {
  const frames: Buffer[] = [];
  for (const { line } of demoLines({ seed: 9 }).lines) {
    if (line.startsWith('{"flow"')) frames.push(framed(encodeLine(line)));
    if (frames.length === count) break;
  }
  return Buffer.concat(frames);
}

const FLOWS = 20;
const STREAM = stream(FLOWS);

function intake() {
  const tally = new ExportTally();
  tally.beginFile('a server');
  const flows = new FlowIntake({
    sink: { record: () => undefined, shed: () => undefined },
    tally,
    recent: new RecentFlows(),
    mark: new ResumeMark(),
    monotonicMs: () => 0,
    isUnderPressure: () => false,
  });
  return { flows, tally };
}

/** Gives the bytes in chunks that end at these places; the first fault ends it. */
function give(bytes: Uint8Array, cuts: readonly number[]): ReturnType<typeof intake> {
  const parts = intake();
  let from = 0;
  for (const to of [...cuts, bytes.length].sort((a, b) => a - b)) {
    if (parts.flows.take(bytes.subarray(from, Math.max(from, to))) !== undefined) break;
    from = Math.max(from, to);
  }
  return parts;
}

const anyCuts = fc.array(fc.integer({ min: 0, max: STREAM.length }), { maxLength: 30, size: 'max' });

test('a stream gives the same flows wherever its chunks were cut', () => {
  fc.assert(
    fc.property(anyCuts, (cuts) => {
      const { flows, tally } = give(STREAM, cuts);
      expect(flows.flows).toBe(FLOWS);
      expect(flows.isBetween).toBe(true);
      expect(tally.summary().badRecords).toBe(0);
    }),
  );
});

test('C12 a damaged stream never throws, and every message of it is a flow, a duplicate or counted as bad', () => {
  const anyDamage = fc.array(
    fc.record({ at: fc.integer({ min: 0, max: STREAM.length - 1 }), to: fc.integer({ min: 0, max: 255 }) }),
    { minLength: 1, maxLength: 40, size: 'max' },
  );
  fc.assert(
    fc.property(anyDamage, anyCuts, (damage, cuts) => {
      const bytes = Buffer.from(STREAM);
      for (const { at, to } of damage) bytes[at] = to;
      const { flows, tally } = give(bytes, cuts);
      const { badRecords, flows: told } = tally.summary();
      expect(told).toBe(flows.flows);
      expect(flows.flows + flows.duplicates + badRecords).toBeLessThanOrEqual(STREAM.length / 5);
    }),
  );
});

test('C12 bytes that are no stream at all never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000, size: 'max' }), (bytes) => {
      expect(give(bytes, []).flows.flows).toBeLessThanOrEqual(bytes.length);
    }),
  );
});
