import { decodeSegments } from '#core/policy/segments/decode-segments.ts';
import type { SegmentsFile } from '#core/policy/segments/segments-file.ts';

/** A file of these segments and assertions, each assertion with an id and a reason if it has none. */
export const written = (segments: object, assertions: readonly object[]): unknown => ({
  bulkhead: 'segments/v1',
  segments,
  assertions: assertions.map((each, index) => ({ id: `a${index}`, why: 'because', ...each })),
});

/** The file as it is understood; throws what is wrong with it. */
export function understood(segments: object, assertions: readonly object[]): SegmentsFile {
  const decoded = decodeSegments(written(segments, assertions));
  if (decoded.ok) return decoded.value;
  throw new Error(JSON.stringify(decoded.error));
}
