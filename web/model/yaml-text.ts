/** Words that some reader of YAML takes for something else than text. */
const RESERVED = /^(?:true|false|yes|no|on|off|y|n|null|nan|inf)$/i;

const PLAIN = /^[A-Za-z_][A-Za-z0-9_./-]*$/;

/** Characters that are invisible, turn the direction of writing, or end a line for some reader. */
const UNSAFE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

const textOf = (text: string): string =>
  PLAIN.test(text) && !RESERVED.test(text) ? text : JSON.stringify(text).replace(UNSAFE, escaped);

const isBlock = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0;

function scalarOf(value: unknown): string {
  if (Array.isArray(value)) return '[]';
  if (typeof value === 'object' && value !== null) return '{}';
  return typeof value === 'string' ? textOf(value) : String(value);
}

function linesOf(value: object): readonly string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown) => {
      const [first = '', ...rest] = isBlock(item) ? linesOf(item) : [scalarOf(item)];
      return [`- ${first}`, ...rest.map((line) => `  ${line}`)];
    });
  }
  return Object.entries(value).flatMap(([key, item]: readonly [string, unknown]) =>
    isBlock(item)
      ? [`${textOf(key)}:`, ...linesOf(item).map((line) => `  ${line}`)]
      : [`${textOf(key)}: ${scalarOf(item)}`],
  );
}

/** A JSON value as block-style YAML, ending in a line break; whatever a reader could take for something else is quoted. */
export const yamlText = (value: unknown): string =>
  `${isBlock(value) ? linesOf(value).join('\n') : scalarOf(value)}\n`;
