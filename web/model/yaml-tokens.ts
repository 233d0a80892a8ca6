/** A piece of a YAML line with what it is, for colouring; the text of all pieces is the line. */
export interface YamlToken {
  readonly kind: 'key' | 'value' | 'comment' | 'mark';
  readonly text: string;
}

const KEY = /^(\s*(?:- )*)([\w./"'-]+)(:)(?=\s|$)/;

/** The pieces of one line of block-style YAML, as this product writes it. */
export function yamlTokens(line: string): readonly YamlToken[] {
  const hash = commentStart(line);
  const body = hash < 0 ? line : line.slice(0, hash);
  const comment: readonly YamlToken[] = hash < 0 ? [] : [{ kind: 'comment', text: line.slice(hash) }];
  const parts = KEY.exec(body);
  if (parts === null) return [...plain(body), ...comment];
  const [whole, indent = '', key = '', colon = ''] = parts;
  return [
    ...plain(indent),
    { kind: 'key', text: key },
    { kind: 'mark', text: colon },
    ...plain(body.slice(whole.length)),
    ...comment,
  ];
}

function plain(text: string): readonly YamlToken[] {
  if (text === '') return [];
  const dash = /^(\s*)((?:- )+)(.*)$/.exec(text);
  if (dash === null) return [{ kind: text.trim() === '' ? 'mark' : 'value', text }];
  const [, indent = '', dashes = '', rest = ''] = dash;
  const tail: readonly YamlToken[] = rest === '' ? [] : [{ kind: 'value', text: rest }];
  return [{ kind: 'mark', text: `${indent}${dashes}` }, ...tail];
}

const QUOTED_OR_COMMENT = /"(?:[^"\\]|\\.)*"|'[^']*'|(?:^|(?<= ))#/g;

/** Where a comment starts: a `#` at the line's start or after a space, outside quotes; -1 when there is none. */
const commentStart = (line: string): number =>
  [...line.matchAll(QUOTED_OR_COMMENT)].find((match) => match[0] === '#')?.index ?? -1;
