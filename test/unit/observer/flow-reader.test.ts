import { describe, expect, test } from 'vitest';
import { FlowReader, type FlowsQuery } from '../../../collector/sources/hubble/observer/flow-reader.ts';
import { type EntryKind, FlowRing } from '../../../collector/sources/hubble/observer/flow-ring.ts';

const EVERYTHING: FlowsQuery = {
  number: 0,
  first: false,
  follow: false,
  sinceNs: undefined,
  untilNs: undefined,
  isWanted: undefined,
};

/** A ring with one entry for each instant; `kinds` says which are no flows. */
function ringOf(
  instants: readonly number[],
  kinds: Readonly<Record<number, EntryKind>> = {},
  capacity = 100,
) {
  const ring = new FlowRing(capacity);
  for (const at of instants) add(ring, at, kinds[at]);
  return ring;
}

const add = (ring: FlowRing, at: number, kind: EntryKind = 'flow'): void =>
  ring.add({ kind, atNs: BigInt(at), frame: Buffer.from([at]) });

/** What a reader gives until it ends or waits. */
function read(reader: FlowReader): readonly (number | string)[] {
  const seen: (number | string)[] = [];
  for (;;) {
    const reading = reader.next();
    if (reading.kind === 'entry') seen.push(Number(reading.entry.atNs));
    else if (reading.kind === 'overwritten') seen.push(`lost ${reading.count}`);
    else if (reading.kind !== 'pause') return [...seen, reading.kind];
  }
}

const asked = (ring: FlowRing, query: Partial<FlowsQuery>) =>
  read(new FlowReader(ring, { ...EVERYTHING, ...query }));

describe('the ring keeps the newest', () => {
  test('and nothing beyond its capacity', () => {
    const ring = ringOf([1, 2, 3, 4, 5], {}, 3);
    expect([ring.size, ring.oldest, ring.next]).toEqual([3, 2, 5]);
    expect(ring.at(1)).toBeUndefined();
    expect(asked(ring, {})).toEqual([3, 4, 5, 'end']);
  });
});

describe('a query', () => {
  const ring = ringOf([1, 2, 3, 4, 5, 6]);
  const isEven = ({ atNs }: { readonly atNs: bigint }) => atNs % 2n === 0n;

  test('of a number gives the last, or the first', () => {
    expect(asked(ring, { number: 2 })).toEqual([5, 6, 'end']);
    expect(asked(ring, { number: 2, first: true })).toEqual([1, 2, 'end']);
  });

  test('counts only what it wants', () => {
    expect(asked(ring, { number: 2, isWanted: isEven })).toEqual([4, 6, 'end']);
    expect(asked(ring, { number: 2, first: true, isWanted: isEven })).toEqual([2, 4, 'end']);
  });

  test('of a range: since goes before number and first', () => {
    expect(asked(ring, { sinceNs: 3n })).toEqual([3, 4, 5, 6, 'end']);
    expect(asked(ring, { sinceNs: 3n, untilNs: 4n })).toEqual([3, 4, 'end']);
    expect(asked(ring, { sinceNs: 3n, number: 2 })).toEqual([3, 4, 'end']);
    expect(asked(ring, { sinceNs: 3n, first: true, number: 1 })).toEqual([3, 'end']);
  });

  test('that follows begins with what is new, or with what was asked for', () => {
    expect(asked(ring, { follow: true })).toEqual(['wait']);
    expect(asked(ring, { follow: true, number: 2 })).toEqual([5, 6, 'wait']);
    expect(asked(ring, { follow: true, sinceNs: 5n })).toEqual([5, 6, 'wait']);
    expect(asked(ring, { follow: true, sinceNs: 2n, untilNs: 4n })).toEqual([2, 3, 4, 'end']);
  });

  test('gets lost events past every filter, and they do not count', () => {
    const withLoss = ringOf([1, 2, 3, 4], { 3: 'lost' });
    expect(asked(withLoss, { number: 2 })).toEqual([2, 3, 4, 'end']);
    expect(asked(withLoss, { isWanted: () => false })).toEqual([3, 'end']);
    expect(asked(ringOf([1, 2, 3, 4], { 4: 'lost' }), { sinceNs: 9n })).toEqual([4, 'end']);
  });
});

describe('a reader that follows', () => {
  test('goes on with what comes', () => {
    const ring = ringOf([1]);
    const reader = new FlowReader(ring, { ...EVERYTHING, follow: true });
    expect(read(reader)).toEqual(['wait']);
    add(ring, 2);
    expect(read(reader)).toEqual([2, 'wait']);
  });

  test('is told how many were overwritten when it reads too slowly', () => {
    const ring = ringOf([1], {}, 3);
    const reader = new FlowReader(ring, { ...EVERYTHING, follow: true, number: 1 });
    for (const at of [2, 3, 4, 5, 6]) add(ring, at);
    expect(read(reader)).toEqual(['lost 3', 4, 5, 6, 'wait']);
  });

  test('hears of nodes as it happens and not of what was', () => {
    const ring = ringOf([1, 2], { 2: 'status' });
    const reader = new FlowReader(ring, { ...EVERYTHING, follow: true, sinceNs: 0n });
    expect(read(reader)).toEqual([1, 'wait']);
    add(ring, 3, 'status');
    expect(read(reader)).toEqual([3, 'wait']);
  });

  test('gives others their turn while nothing matches', () => {
    const ring = ringOf(
      Array.from({ length: 2000 }, (_, i) => i),
      {},
      5000,
    );
    const reader = new FlowReader(ring, { ...EVERYTHING, isWanted: () => false });
    expect(reader.next().kind).toBe('pause');
    expect(read(reader)).toEqual(['end']);
  });
});
