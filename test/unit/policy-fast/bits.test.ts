import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bitsOf,
  differenceOf,
  EVERYBODY,
  eachBit,
  hasBit,
  intersectionOf,
  isSameSet,
  NOBODY,
  onesIn,
  transpose32,
  unionOf,
  withBit,
  withoutBit,
} from '#core/policy/fast/bits.ts';

const anyIds = fc.uniqueArray(fc.nat({ max: 130 }), { maxLength: 40 });
const setOf = (ids: readonly number[]) => bitsOf(ids, Math.ceil((Math.max(-1, ...ids) + 1) / 32));
const sorted = (ids: Iterable<number>): readonly number[] => [...ids].sort((a, b) => a - b);

function idsIn(bits: Uint32Array): readonly number[] {
  const ids: number[] = [];
  eachBit(bits, (id) => ids.push(id));
  return ids;
}

describe('sets of ids', () => {
  test('union, intersection and difference are those of plain sets, whatever the lengths', () => {
    fc.assert(
      fc.property(anyIds, anyIds, (a, b) => {
        const second = new Set(b);
        expect(idsIn(unionOf([setOf(a), setOf(b)]))).toEqual(sorted(new Set([...a, ...b])));
        expect(idsIn(intersectionOf(setOf(a), setOf(b)))).toEqual(sorted(a.filter((id) => second.has(id))));
        expect(idsIn(differenceOf(setOf(a), setOf(b)))).toEqual(sorted(a.filter((id) => !second.has(id))));
      }),
    );
  });

  test('adding and taking away makes copies and leaves the set alone', () => {
    fc.assert(
      fc.property(anyIds, fc.nat({ max: 200 }), (ids, id) => {
        const set = setOf(ids);
        const more = withBit(set, id);
        expect(idsIn(more)).toEqual(sorted(new Set([...ids, id])));
        expect(idsIn(withoutBit(more, id))).toEqual(sorted(ids.filter((each) => each !== id)));
        expect(idsIn(set)).toEqual(sorted(ids));
        expect(isSameSet(withoutBit(withBit(set, 200), 200), withoutBit(set, 200))).toBe(true);
      }),
    );
  });

  test('everybody holds every id, and stays everybody', () => {
    const some = setOf([3, 40]);
    expect([0, 31, 32, 100_000].every((id) => hasBit(EVERYBODY, id))).toBe(true);
    expect(unionOf([some, EVERYBODY])).toBe(EVERYBODY);
    expect(intersectionOf(EVERYBODY, some)).toBe(some);
    expect(withBit(EVERYBODY, 7)).toBe(EVERYBODY);
    expect(isSameSet(EVERYBODY, NOBODY)).toBe(false);
    expect(idsIn(differenceOf(some, EVERYBODY))).toEqual([]);
  });
});

describe('squares of 32 × 32 bits', () => {
  const anyWord = fc.integer({ min: 0, max: 0xffff_ffff });
  const bitAt = (square: Uint32Array, row: number, column: number) => ((square[row] ?? 0) >>> column) & 1;

  test('turned around, what was at (row, column) is at (column, row)', () => {
    fc.assert(
      fc.property(fc.array(anyWord, { minLength: 32, maxLength: 32 }), (words) => {
        const before = Uint32Array.from(words);
        const after = before.slice();
        transpose32(after);
        for (let row = 0; row < 32; row += 1) {
          for (let column = 0; column < 32; column += 1) {
            expect(bitAt(after, column, row)).toBe(bitAt(before, row, column));
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  test('ones are counted as they are written', () => {
    fc.assert(
      fc.property(anyWord, (word) => {
        expect(onesIn(word)).toBe(word.toString(2).replaceAll('0', '').length);
      }),
    );
    expect(onesIn(-1)).toBe(32);
  });
});
