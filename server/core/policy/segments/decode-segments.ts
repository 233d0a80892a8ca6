import { failed, ok, type Result } from '#core/result.ts';
import { assertionAt } from './decode-assertion.ts';
import { segmentAt } from './decode-segment.ts';
import {
  complain,
  entriesAt,
  fieldAt,
  hasFields,
  isThere,
  itemsAt,
  type Place,
  readsAs,
} from './file-reader.ts';
import type { SegmentFault } from './segment-fault.ts';
import {
  type Assertion,
  BUILT_IN_SEGMENTS,
  SEGMENTS_VERSION,
  type Segment,
  type SegmentsFile,
} from './segments-file.ts';

const MOST_SIMILAR = 3;

/** Names that may have been meant: what holds the other, or begins alike. */
function similarTo(name: string, known: Iterable<string>): readonly string[] {
  const near = [...known].filter(
    (each) => each.includes(name) || name.includes(each) || each.slice(0, 3) === name.slice(0, 3),
  );
  return near.slice(0, MOST_SIMILAR);
}

/** Writes down every name that is no segment. */
function checkNames(at: Place, names: readonly string[], known: ReadonlySet<string>): void {
  for (const name of names) {
    if (known.has(name)) continue;
    const similar = similarTo(name, known);
    complain(at, 'segment_unknown', similar.length === 0 ? name : `${name}; there is ${similar.join(', ')}`);
  }
}

/** True when following `any` from a segment comes back to it. */
function isInItself(start: string, byName: ReadonlyMap<string, Segment>): boolean {
  const met = new Set<string>();
  const left = [start];
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    const members = byName.get(name)?.members;
    for (const next of members?.kind === 'any' ? members.names : []) {
      if (next === start) return true;
      if (!met.has(next)) left.push(next);
      met.add(next);
    }
  }
  return false;
}

function checkSegments(at: Place, segments: readonly Segment[], known: ReadonlySet<string>): void {
  const byName = new Map(segments.map((segment) => [segment.name, segment]));
  for (const { name, members } of segments) {
    if (members.kind !== 'any') continue;
    const place = fieldAt(fieldAt(at, name), 'any');
    checkNames(place, members.names, known);
    if (isInItself(name, byName)) complain(place, 'segment_in_itself', name);
  }
}

function checkAssertion(at: Place, assertion: Assertion, known: ReadonlySet<string>): void {
  checkNames(fieldAt(at, assertion.verb), assertion.from, known);
  checkNames(fieldAt(at, 'reaches'), assertion.reaches, known);
  for (const [index, { from, reaches }] of assertion.except.entries()) {
    const place = { ...at, path: [...at.path, 'except', index] };
    checkNames(fieldAt(place, 'from'), from ?? [], known);
    checkNames(fieldAt(place, 'reaches'), reaches ?? [], known);
  }
}

function assertionsAt(at: Place, known: ReadonlySet<string>): readonly Assertion[] {
  const ids = new Set<string>();
  return itemsAt(at).flatMap((place) => {
    const assertion = assertionAt(place);
    if (assertion === undefined) return [];
    if (ids.has(assertion.id)) complain(fieldAt(place, 'id'), 'id_taken', assertion.id);
    if (assertion.id !== '') ids.add(assertion.id);
    checkAssertion(place, assertion, known);
    return [assertion];
  });
}

function versionIsRight(at: Place): boolean {
  if (at.value === SEGMENTS_VERSION) return true;
  if (isThere(at)) complain(at, 'version_unknown', readsAs(at.value));
  else complain(at, 'missing', `bulkhead: ${SEGMENTS_VERSION}`);
  return false;
}

/**
 * Reads plain data as a file of segments. A field that is not known is as wrong as one of the wrong type: an assertion
 * that is not understood must not look kept. All faults are told, in the order of the file's fields; of another version
 * only that it is one.
 */
export function decodeSegments(value: unknown): Result<SegmentsFile, readonly SegmentFault[]> {
  const faults: SegmentFault[] = [];
  const root: Place = { value, path: [], faults };
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    if (!versionIsRight(fieldAt(root, 'bulkhead'))) return failed(faults);
  }
  if (!hasFields(root, ['bulkhead', 'segments', 'assertions'])) return failed(faults);
  const defined = fieldAt(root, 'segments');
  const segments = (isThere(defined) ? entriesAt(defined) : []).map(([name, at]) => segmentAt(name, at));
  const known = new Set<string>([...segments.map(({ name }) => name), ...BUILT_IN_SEGMENTS]);
  checkSegments(defined, segments, known);
  const asserted = fieldAt(root, 'assertions');
  if (!isThere(asserted)) complain(root, 'assertions_missing');
  const assertions = assertionsAt(asserted, known);
  return faults.length > 0 ? failed(faults) : ok({ segments, assertions });
}
