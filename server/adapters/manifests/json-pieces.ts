/** One value of a JSON text, and where it begins. */
export interface JsonPiece {
  readonly text: string;
  readonly offset: number;
}

const isSpace = (character: string): boolean => /\s/.test(character);

/** Where the value that begins at `start` ends; the text's end when nothing closes it. */
function endOf(text: string, start: number): number {
  let depth = 0;
  let isInText = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (isInText) {
      if (character === '\\') at += 1;
      else if (character === '"') isInText = false;
    } else if (character === '"') isInText = true;
    else if (character === '{' || character === '[') depth += 1;
    else if ((character === '}' || character === ']') && --depth <= 0) return at + 1;
  }
  return text.length;
}

/** Cuts a text into the JSON values that follow one another in it, as `kubectl get -o json` twice over leaves them. */
export function jsonPieces(text: string): readonly JsonPiece[] {
  const pieces: JsonPiece[] = [];
  let at = 0;
  while (at < text.length) {
    if (isSpace(text[at] ?? '')) {
      at += 1;
      continue;
    }
    const end = endOf(text, at);
    pieces.push({ text: text.slice(at, end), offset: at });
    at = end;
  }
  return pieces;
}
