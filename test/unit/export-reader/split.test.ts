import { expect, test } from 'vitest';
import { MAX_DEPTH } from '../../../collector/sources/files/object-scanner.ts';
import { split, splitInPieces, splitPieces } from '../../support/export-reading.ts';

const MEBIBYTE = 1024 * 1024;

/** One word per record: its line and its kind or code. */
const outline = (text: string | Uint8Array): readonly string[] =>
  split(text).map((record) => `${record.line} ${record.kind === 'unreadable' ? record.code : record.kind}`);

const texts = (text: string): readonly string[] =>
  split(text).flatMap((record) => ('text' in record ? [record.text] : []));

test.each([
  ['JSON lines', '{"a":1}\n{"b":2}\n', ['1 object', '2 object']],
  ['a last line without its end', '{"a":1}\n{"b":2}', ['1 object', '2 object']],
  ['Windows line ends', '{"a":1}\r\n{"b":2}\r\n', ['1 object', '2 object']],
  ['empty lines', '\n\n{"a":1}\n\n\n{"b":2}\n\n', ['3 object', '6 object']],
  ['a byte order mark', '\ufeff{"a":1}\n', ['1 object']],
  ['half a last line', '{"a":1}\n{"b":{"c"', ['1 object', '2 cut_off']],
  ['log text between lines', 'Started.\n{"a":1}\nlevel=info x\n', ['1 text', '2 object', '3 text']],
  ['a pretty-printed object', '{\n  "a": {\n    "b": 1\n  }\n}\n{"c":2}\n', ['1 object', '6 object']],
  ['an array on one line', '[{"a":1},{"b":2}]\n', ['1 object']],
  ['an array with an element a line', '[\n{"a":1},\n{"b":2}\n]\n', ['2 object', '3 object']],
  ['an array that opens before its element', '[{\n"a":1\n},\n{\n"b":2\n}]', ['1 object', '4 object']],
  ['an array with leading commas', '[{"a":1}\n,{"b":2}\n]', ['1 object', '2 object']],
  ['an empty array', '[]\n', []],
  [
    'a line cut in the middle of a file',
    '{"a":{"b":\n{"c":1}\n{"d":1}\n',
    ['1 not_json', '2 object', '3 object'],
  ],
  ['a line cut inside a string', '{"a":"b\n{"c":1}\n', ['1 not_json', '2 object']],
  ['a line cut after a comma', '{"a":1,\n{"c":1}\n', ['1 not_json', '2 object']],
  ['a prefix before the record', '2026-03-02T08:00:00Z {"a":1}\n', ['1 embedded']],
  ['a prefix in brackets', '[pod/cilium-x/agent] {"a":1}\n[pod/x] text\n', ['1 embedded', '2 text']],
  ['numbers in an array', '[1,2]\n{"a":1}\n', ['1 not_an_object', '2 object']],
  ['brackets that do not match', '{"a":[1}\n{"b":1}\n', ['1 object', '2 object']],
])('%s', (_, text, expected) => {
  expect(outline(text)).toEqual(expected);
});

test('braces and quotes inside strings end nothing', () => {
  const object = '{\n"a": "}]{[\\"",\n"b": "\\\\"\n}';
  expect(texts(`${object}\n{"c":1}`)).toEqual([object, '{"c":1}']);
});

test('C13: a line without end is one counted error, and the next line is read', () => {
  const long = `{"a":"${'x'.repeat(3 * MEBIBYTE)}"}`;
  expect(outline(`${long}\n{"b":1}\n`)).toEqual(['1 too_long', '2 object']);
  expect(outline(`${'x'.repeat(3 * MEBIBYTE)}\n{"b":1}\n`)).toEqual(['1 too_long', '2 object']);
  expect(outline(`${long}`)).toEqual(['1 too_long']);
});

test('a record of exactly 1 MiB is read, one byte more is not', () => {
  const of = (bytes: number): string => `{"a":"${'x'.repeat(bytes - 8)}"}`;
  expect(outline(`${of(MEBIBYTE)}\n{"b":1}`)).toEqual(['1 object', '2 object']);
  expect(outline(`${of(MEBIBYTE + 1)}\n{"b":1}`)).toEqual(['1 too_long', '2 object']);
});

test('C13: a million brackets are one counted error, and the next line is read', () => {
  const deep = `{"a":${'['.repeat(1_000_000)}`;
  expect(outline(`${deep}\n{"b":1}\n`)).toEqual(['1 too_deep', '2 object']);
  expect(outline(`${'['.repeat(1_000_000)}\n{"b":1}\n`)).toEqual(['1 not_an_object', '2 object']);
  expect(outline(`${deep}${']'.repeat(10)}}\n{"b":1}\n`)).toEqual(['1 too_deep', '2 object']);
});

test('an object over several lines may nest as deep as the bound and no deeper', () => {
  const nested = (depth: number): string =>
    `{"a":\n${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}\n{"b":1}`;
  expect(outline(nested(MAX_DEPTH))).toEqual(['1 object', '3 object']);
  expect(outline(nested(MAX_DEPTH + 1))).toEqual(['1 too_deep', '3 object']);
});

test('many lines that each open an object and close none cost little', () => {
  const lines = 30_000;
  const kinds = outline('{"a":\n'.repeat(lines));
  expect(kinds.length).toBeLessThanOrEqual(lines);
  expect(new Set(kinds.map((kind) => kind.split(' ')[1]))).toEqual(new Set(['too_deep', 'cut_off']));
});

const MIXED = [
  '\ufeff{"a":1}\r',
  'log text é 𝄞',
  '',
  '2026 {"b":"ü"} ',
  '[{"c":1},{"d":2}]',
  '[',
  '  {',
  '    "e": "\\"}\\\\"',
  '  },',
  '  {"f":1}',
  ']',
  '{"g":[1}',
  '{"h":1}}',
  '{"i":1} {"j":2} junk',
  '{"k":{"l":',
  '{"m":1}',
  '{"n":"x',
  '[1,2]',
  '[[[',
  '[pod/x] y',
  '}',
  `{"long":"${'z'.repeat(9000)}"}`,
  `{"long":"${'z'.repeat(9000)}"} {"p":1}`,
  `{"long":[${'{"q":1},'.repeat(1100)}{"r":1}]}`,
  '{"s":"cut',
].join('\n');

test('how the bytes are cut into pieces never changes the records', () => {
  const bytes = Buffer.from(MIXED);
  const whole = split(MIXED);
  expect(whole.length).toBeGreaterThan(20);
  for (const size of [1, 2, 3, 5, 7, 64, 1000, 4096, 8191, 8192, 8193]) {
    expect(splitInPieces(bytes, size)).toEqual(whole);
  }
});

test('a cut at any one byte never changes the records', () => {
  const short = MIXED.split('\n')
    .filter((line) => line.length < 100)
    .join('\n');
  const bytes = Buffer.from(short);
  const whole = split(short);
  for (let at = 1; at < bytes.length; at += 1) {
    expect(splitPieces([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
  }
});
