/**
 * True when the text fits the pattern as a whole, in which `*` stands for any text, even none. Compares without regard
 * to case. The pieces between the stars are looked for from left to right, each as early as it can be, which is right
 * for stars alone and never goes back: work grows with text times pattern at worst, never exponentially.
 */
export function matchesPattern(text: string, pattern: string): boolean {
  const [whole, wanted] = [text.toLowerCase(), pattern.toLowerCase()];
  const pieces = wanted.split('*');
  const first = pieces[0] ?? '';
  if (pieces.length === 1) return whole === first;
  const last = pieces.at(-1) ?? '';
  if (!whole.startsWith(first) || whole.length < first.length + last.length || !whole.endsWith(last))
    return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = whole.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return at <= whole.length - last.length;
}

/** True when the text holds the words somewhere; a pattern with `*` must fit as a whole. */
export const holdsText = (text: string, words: string): boolean =>
  words.includes('*') ? matchesPattern(text, words) : text.toLowerCase().includes(words.toLowerCase());
