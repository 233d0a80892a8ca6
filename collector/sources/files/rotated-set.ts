import { compareText } from '#core/order.ts';

/** A file's place in the set that log rotation made of one export. */
export interface SetPlace {
  /** Path of the export as it is called while it is being written, e.g. `/var/log/events.log`. */
  readonly set: string;
  /** Sorts the members of a set by age, oldest first. */
  readonly rank: string;
}

const STAMPED = /^(.+)-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(?:\.\d{1,9})?)(\.[A-Za-z]+)?(\.gz)?$/;
const NUMBERED = /^(.+)\.(\d{1,6})(\.gz)?$/;
const HIGHEST_NUMBER = 999_999;

/**
 * `events-2026-01-02T03-04-05.000.log.gz` and `events.log.3` belong to `events.log`: a time stamp sorts by time, a
 * number counts backwards, and the file that is still being written comes last.
 */
export function placeInSet(path: string): SetPlace {
  const stamped = STAMPED.exec(path);
  if (stamped !== null) return { set: `${stamped[1]}${stamped[3] ?? ''}`, rank: `0 ${stamped[2]}` };
  const numbered = NUMBERED.exec(path);
  if (numbered !== null) {
    const age = HIGHEST_NUMBER - Number(numbered[2]);
    return { set: numbered[1] ?? path, rank: `1 ${String(age).padStart(6, '0')}` };
  }
  return { set: path.endsWith('.gz') ? path.slice(0, -3) : path, rank: '2' };
}

/**
 * Rotated members oldest first, the sets themselves in the order of their first member. Where a rotated file lies
 * beside its own compressed copy, the copy may be half written and is left out.
 */
export function inRotationOrder(paths: readonly string[]): readonly string[] {
  const sets = new Map<string, { readonly path: string; readonly rank: string }[]>();
  const present = new Set(paths);
  for (const path of paths) {
    if (path.endsWith('.gz') && present.has(path.slice(0, -3))) continue;
    const { set, rank } = placeInSet(path);
    const members = sets.get(set) ?? [];
    members.push({ path, rank });
    sets.set(set, members);
  }
  return [...sets.values()].flatMap((members) =>
    members
      .sort((a, b) => compareText(a.rank, b.rank) || compareText(a.path, b.path))
      .map(({ path }) => path),
  );
}

/** Inputs as {@link inRotationOrder} leaves them, one list for each set; the members of a set follow each other in time. */
export function rotatedSets<Input extends { readonly path: string }>(
  inputs: readonly Input[],
): readonly (readonly Input[])[] {
  const sets = new Map<string, Input[]>();
  for (const input of inputs) {
    const { set } = placeInSet(input.path);
    const members = sets.get(set);
    if (members === undefined) sets.set(set, [input]);
    else members.push(input);
  }
  return [...sets.values()];
}
