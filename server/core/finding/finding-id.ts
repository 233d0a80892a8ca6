import type { FindingId, FindingKind } from './finding.ts';

/** The text of a finding's id; undefined when it can not be one. */
export const parseFindingId = (text: string): FindingId | undefined =>
  /^[A-Za-z0-9:_-]{1,128}$/.test(text) ? (text as FindingId) : undefined; // the only cast to FindingId

/**
 * The id of what a finding is about: the same kind on the same subject is the same finding, whenever it is seen again.
 * `subject` is an edge key, or for a fan-out the key of the peer it comes from. Throws when `hash` gives no usable text.
 */
export function findingId(kind: FindingKind, subject: string, hash: (text: string) => string): FindingId {
  const id = parseFindingId(hash(`finding ${kind} ${subject}`));
  if (id === undefined) throw new Error('the hash must be 1 to 128 letters, digits, or any of : _ -');
  return id;
}
