import { failed, ok, type Result } from '#core/result.ts';

/** The first field that is not what it should be; `at` is its path, such as `edges.3.port`. */
export interface MalformedField {
  readonly code: 'malformed';
  readonly at: string;
  readonly expected: string;
}

class Misfit extends Error {
  readonly fault: MalformedField;

  constructor(at: string, expected: string) {
    super(`${at}: expected ${expected}`);
    this.fault = { code: 'malformed', at, expected };
  }
}

/** Turns untrusted data into a value, or ends the read through {@link misfit}. `at` is the path so far. */
export type Reader<T> = (value: unknown, at: string) => T;

/** Ends a read: the data at this path is not what was expected. Only within {@link readJson}. */
export function misfit(at: string, expected: string): never {
  throw new Misfit(at, expected);
}

/** Runs a reader over untrusted data; a misfit becomes the failure, a bug stays an exception. */
export function readJson<T>(value: unknown, reader: Reader<T>): Result<T, MalformedField> {
  try {
    return ok(reader(value, ''));
  } catch (error) {
    if (error instanceof Misfit) return failed(error.fault);
    throw error;
  }
}

const below = (at: string, field: string | number): string => (at === '' ? `${field}` : `${at}.${field}`);

export const readText: Reader<string> = (value, at) =>
  typeof value === 'string' ? value : misfit(at, 'text');

export const readFlag: Reader<boolean> = (value, at) =>
  typeof value === 'boolean' ? value : misfit(at, 'true or false');

export const readNumber: Reader<number> = (value, at) =>
  typeof value === 'number' && Number.isFinite(value) ? value : misfit(at, 'a number');

/** A whole number of either sign, such as an instant. */
export const readInteger: Reader<number> = (value, at) =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : misfit(at, 'a whole number');

export const readCount: Reader<number> = (value, at) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : misfit(at, 'a whole number from 0 on');

export const readPort: Reader<number> = (value, at) => {
  const port = readCount(value, at);
  return port <= 65_535 ? port : misfit(at, 'a port from 0 to 65535');
};

export const readBigCount: Reader<bigint> = (value, at) => {
  const text = readText(value, at);
  return /^\d{1,30}$/.test(text) ? BigInt(text) : misfit(at, 'a whole number as text');
};

/** One of a closed set. */
export const readOneOf =
  <T extends string>(values: readonly T[]): Reader<T> =>
  (value, at) =>
    values.find((each) => each === value) ?? misfit(at, `one of ${values.join(', ')}`);

/** Text that a parser accepts. */
export const readParsed =
  <T>(parse: (text: string) => T | undefined, expected: string): Reader<T> =>
  (value, at) =>
    parse(readText(value, at)) ?? misfit(at, expected);

export const readList =
  <T>(item: Reader<T>): Reader<T[]> =>
  (value, at) =>
    Array.isArray(value) ? value.map((each, index) => item(each, below(at, index))) : misfit(at, 'a list');

export const readSet = <T>(item: Reader<T>): Reader<Set<T>> => {
  const list = readList(item);
  return (value, at) => new Set(list(value, at));
};

/** An object with any keys, as a map. */
export const readMap =
  <T>(item: Reader<T>): Reader<Map<string, T>> =>
  (value, at) =>
    new Map(Object.entries(readObject(value, at)).map(([key, each]) => [key, item(each, below(at, key))]));

/** A reader for each field of an object, each named once; a field that is not there reads as undefined. */
export type Fields<T> = { readonly [Field in keyof T]-?: Reader<T[Field]> };

export const readFields =
  <T extends object>(fields: Fields<T>): Reader<T> =>
  (value, at) => {
    const source = readObject(value, at);
    const names = Object.keys(fields) as (keyof T & string)[];
    const read = names.map((name) => {
      const given = Object.hasOwn(source, name) ? source[name] : undefined;
      return [name, fields[name](given, below(at, name))] as const;
    });
    return Object.fromEntries(read) as T; // every field of T has a reader by the type of `fields`
  };

export const readOptional =
  <T>(item: Reader<T>): Reader<T | undefined> =>
  (value, at) =>
    value === undefined ? undefined : item(value, at);

function readObject(value: unknown, at: string): Readonly<Record<string, unknown>> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : misfit(at, 'an object');
}

/** The field of an untrusted object, undefined when there is none; for alternatives told apart by one field. */
export const fieldOf = (value: unknown, at: string, field: string): unknown => {
  const source = readObject(value, at);
  return Object.hasOwn(source, field) ? source[field] : undefined;
};

/** The path of a field below this one. */
export const pathOf = below;
