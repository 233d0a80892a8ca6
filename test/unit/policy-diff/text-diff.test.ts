import { describe, expect, test } from 'vitest';
import { textDiff } from '../../../server/adapters/manifests/text-diff.ts';

const named = (name: string, text: string) => ({ name, text });

describe('the diff of two texts', () => {
  test('is empty for equal ones', () => {
    expect(textDiff(named('a', 'x\n'), named('b', 'x\n'))).toBe('');
  });

  test('names both, and shows what differs with its surroundings', () => {
    const lines = Array.from({ length: 9 }, (_, index) => `line ${index}`);
    const after = lines.with(4, 'other');
    expect(textDiff(named('old', `${lines.join('\n')}\n`), named('new', `${after.join('\n')}\n`))).toBe(
      '--- old\n+++ new\n@@ -2,7 +2,7 @@\n line 1\n line 2\n line 3\n-line 4\n+other\n line 5\n line 6\n line 7\n',
    );
  });

  test('shows texts that have hardly a line in common as replaced as a whole', () => {
    const text = (word: string): string =>
      Array.from({ length: 3000 }, (_, index) => `${word} ${index}\n`).join('');
    const lines = textDiff(named('old', text('a')), named('new', text('b')))
      .trimEnd()
      .split('\n');
    expect(lines.slice(0, 4)).toEqual(['--- old', '+++ new', '@@ -1,3000 +1,3000 @@', '-a 0']);
    expect(lines.length).toBe(3 + 3000 + 3000);
  });

  test('a line end in a name does not begin a line', () => {
    expect(textDiff(named('a\n+++ evil', 'x\n'), named('b', 'y\n')).split('\n')[0]).toBe('--- a +++ evil');
  });
});
