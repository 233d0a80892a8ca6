/** Orders text by UTF-16 code unit, the same on every machine; never by locale. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Sorted copy by a text key. */
export function sortedBy<T>(items: Iterable<T>, key: (item: T) => string): T[] {
  return [...items].sort((a, b) => compareText(key(a), key(b)));
}

/** Sorted copy of a collection of text. */
export const sortedText = <T extends string>(items: Iterable<T>): T[] => [...items].sort(compareText);
