/** Characters that end a value, or that quotes give a meaning, must stand in quotes. */
const needsQuotes = (value: string): boolean => value === '' || /[\s(),"\\]/.test(value);

/** A value as it can be written in a query, in quotes where it must be. */
export const quotedValue = (value: string): string =>
  needsQuotes(value) ? `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : value;
