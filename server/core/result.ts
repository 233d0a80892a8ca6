/** An expected failure is a value: the caller must look at `ok` before it can touch either side. */
export type Result<T, E> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });
export const failed = <E>(error: E): { readonly ok: false; readonly error: E } => ({ ok: false, error });

/** The end of every branch over a closed union: a new alternative stops compiling here. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
