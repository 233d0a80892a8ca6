import { Document, isNode, isScalar, visit } from 'yaml';
import { printable } from '#core/policy/printable.ts';

/**
 * Characters that some reader of YAML takes for the end of a line, for nothing, or for a change of writing direction:
 * C0 but LF, DEL, C1, line and paragraph separator, bidirectional and zero-width marks, the byte order mark, and
 * halves of surrogate pairs.
 */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const isUnsafe = (text: string): boolean => text.search(UNSAFE) !== -1;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A comment for the item at a path, e.g. `['spec', 'egress', 0]`. */
export interface YamlComment {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/**
 * Plain data as YAML that YAML 1.1 and 1.2 readers take for the same object: what either would read as a number, a
 * date or a truth value is quoted, and no unsafe character stands in the text as itself.
 */
export function yamlText(value: unknown, comments: readonly YamlComment[] = []): string {
  const document = new Document(value, { compat: 'yaml-1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === 'string' && isUnsafe(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  for (const { path, text } of comments) {
    const node = document.getIn(path, true);
    if (isNode(node) && !isScalar(node)) node.commentBefore = ` ${printable(text)}`;
  }
  return document.toString({ lineWidth: 0 }).replace(UNSAFE, escaped);
}
