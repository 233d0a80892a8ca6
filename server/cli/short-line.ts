const LONGEST = 240;

/** A line that a person still reads to its end; JSON has the whole of it. */
export function shortLine(text: string): string {
  const characters = [...text];
  return characters.length <= LONGEST ? text : `${characters.slice(0, LONGEST - 1).join('')}…`;
}
