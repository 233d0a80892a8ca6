import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

/** A text and what it is called in the header of a diff. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** Texts that differ in more lines than this are shown as replaced as a whole: the search grows with its square. */
const MOST_EDITS = 2000;
const CONTEXT_LINES = 3;

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

const marked = (lines: readonly string[], mark: '-' | '+'): readonly string[] =>
  lines.map((line) => `${mark}${line}`);

const spanOf = (lines: readonly string[]): string => `${lines.length === 0 ? 0 : 1},${lines.length}`;

function replaced(before: NamedText, after: NamedText): string {
  const [old, later] = [linesOf(before.text), linesOf(after.text)];
  const header = [`--- ${before.name}`, `+++ ${after.name}`, `@@ -${spanOf(old)} +${spanOf(later)} @@`];
  return `${[...header, ...marked(old, '-'), ...marked(later, '+')].join('\n')}\n`;
}

/** A line end in a name would end the header. */
const oneLine = ({ name, text }: NamedText): NamedText => ({ name: name.replace(/[\r\n\t]/g, ' '), text });

/** The unified diff of two texts, as `diff -u` writes it; empty for equal ones. */
export function textDiff(before: NamedText, after: NamedText): string {
  if (before.text === after.text) return '';
  const [old, later] = [oneLine(before), oneLine(after)];
  const patch = createTwoFilesPatch(old.name, later.name, old.text, later.text, undefined, undefined, {
    context: CONTEXT_LINES,
    headerOptions: FILE_HEADERS_ONLY,
    maxEditLength: MOST_EDITS,
  });
  return patch ?? replaced(old, later);
}
