/** Policies are written by strangers: their types are promises nobody kept, so every piece is looked at first. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Absent, undefined and null mean the same to the API server. */
export const isMissing = (value: unknown): value is null | undefined => value === undefined || value === null;

/** A list of whatever; undefined for what is no list. */
export const listOf = (value: unknown): readonly unknown[] | undefined =>
  Array.isArray(value) ? value : undefined;
