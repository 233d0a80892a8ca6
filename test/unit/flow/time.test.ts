import { describe, expect, test } from 'vitest';
import { formatInstant, parseInstant } from '#core/flow/time.ts';

describe('reading a time', () => {
  test.each([
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-13-10T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-32T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:61Z',
    '2026-01-01T00:00:00+25:00',
    '2026-01-01T00:00:00-24:00',
    '2026-01-01T00:00:00+01:60',
  ])('%s does not exist and is refused', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  test.each([
    { text: '2024-02-29T12:00:00Z', same: '2024-02-29T12:00:00.000Z' },
    { text: '2000-02-29T00:00:00Z', same: '2000-02-29T00:00:00.000Z' },
    { text: '2026-12-31T23:59:59+23:59', same: '2026-12-31T00:00:59.000Z' },
    { text: '2026-01-01T00:00:00-23:59', same: '2026-01-01T23:59:00.000Z' },
    { text: '2016-12-31T23:59:60Z', same: '2017-01-01T00:00:00.000Z' },
  ])('$text is $same', ({ text, same }) => {
    expect(formatInstant(parseInstant(text)?.ms ?? Number.NaN)).toBe(same);
  });

  test('each day of four hundred years is read back as it was written', () => {
    const first = parseInstant('1900-01-01T00:00:00Z')?.ms ?? 0;
    const wrong = Array.from({ length: 146_097 }, (_, day) => first + day * 86_400_000).filter(
      (at) => parseInstant(formatInstant(at))?.ms !== at,
    );
    expect(wrong).toEqual([]);
  });
});
