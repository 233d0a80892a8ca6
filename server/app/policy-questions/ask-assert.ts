import { describeManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { checkSegments } from '#core/policy/segments/check-segments.ts';
import { decodeSegments } from '#core/policy/segments/decode-segments.ts';
import { describeSegmentFault, type SegmentFault } from '#core/policy/segments/segment-fault.ts';
import type { SegmentsFile } from '#core/policy/segments/segments-file.ts';
import { failed, ok, type Result } from '#core/result.ts';
import type { PlacedManifest } from '../ports/manifest-tools.ts';
import { assertAnswer } from './answers/assert.ts';
import { Cuts } from './cuts.ts';
import type { Ground, SeenGround } from './ground.ts';
import type { Answered, AssertQuestion, QuestionFailure } from './question.ts';

const FILE = 'segments.yaml';

type Document = PlacedManifest['documents'][number];

const unusable = (lines: readonly string[]): Result<never, QuestionFailure> =>
  failed({ code: 'segments_unusable', at: 'segments', lines });

/** Every fault with its line, in the order of lines. */
function faulty(faults: readonly SegmentFault[], document: Document): Result<never, QuestionFailure> {
  const placed = faults.map((fault) => ({ line: document.lineOf(fault.path), fault }));
  const sorted = placed.toSorted((a, b) => a.line - b.line);
  return unusable(sorted.map(({ line, fault }) => `${FILE}:${line}: ${describeSegmentFault(fault)}`));
}

interface Written {
  readonly document: Document;
  readonly file: SegmentsFile;
}

function written(text: string, ground: Ground): Result<Written, QuestionFailure> {
  const { documents, failures } = ground.tools.placed(text, FILE);
  if (failures.length > 0) {
    const at = { file: FILE, document: undefined, field: '', leftOut: 'nothing' as const };
    return unusable(failures.map((failure) => describeManifestProblem({ ...at, ...failure })));
  }
  const [document, second] = documents;
  if (document === undefined) return unusable([`${FILE} is empty: begin it with bulkhead: segments/v1`]);
  if (second !== undefined)
    return unusable([`${FILE}:${second.lineOf([])}: a second document; a file of segments has one`]);
  const decoded = decodeSegments(document.value);
  return decoded.ok ? ok({ document, file: decoded.value }) : faulty(decoded.error, document);
}

/** Whether segments are kept, by policies and by what was seen so far. */
export function askAssert(
  question: AssertQuestion,
  ground: Ground,
  seen: SeenGround,
): Result<Answered, QuestionFailure> {
  const segments = written(question.segments, ground);
  if (!segments.ok) return segments;
  const selected = ground.select(question.policies, seen, 'policies');
  if (!selected.ok) return selected;
  const found = ground.asked(selected.value, seen, question.profile);
  if (!found.ok) return found;
  const asked = found.value;
  const { model, profile, cluster, reading } = asked;
  const edges = reading && [...reading.whole.edges.values()];
  const checked = checkSegments({ file: segments.value.file, model, profile, cluster, edges });
  if (!checked.ok) return faulty(checked.error, segments.value.document);
  const cuts = new Cuts(question.limit);
  const answers = cuts.take('assertions', checked.value);
  return ok({ lists: cuts.lists, answer: assertAnswer({ file: FILE, asked, answers }) });
}
