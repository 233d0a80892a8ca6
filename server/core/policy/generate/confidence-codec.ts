import {
  type Reader,
  readCount,
  readFields,
  readFlag,
  readInteger,
  readList,
  readOneOf,
  readOptional,
  readText,
} from '#core/baseline/json-reader.ts';
import { DIRECTION_PROOFS } from '#core/flow/direction.ts';
import { CONFIDENCE_CAPS, type ConfidenceParts } from '../proposal.ts';

const readFigures = readFields<Omit<ConfidenceParts, 'needs'> & { readonly needs: string | undefined }>({
  weakest: readText,
  conversations: readCount,
  minutes: readCount,
  hours: readCount,
  days: readCount,
  isJob: readFlag,
  runStarts: readList(readInteger),
  ends: readOneOf(['both', 'one', 'only-one-possible'] as const),
  proof: readOneOf([...DIRECTION_PROOFS, 'none'] as const),
  declared: readOneOf(['service', 'unknown'] as const),
  clientPods: readCount,
  lastSeenAt: readInteger,
  quietMs: readCount,
  isSingleShot: readFlag,
  holdOut: readOneOf(['survived', 'lost', 'untested'] as const),
  points: readCount,
  caps: readList(readOneOf(CONFIDENCE_CAPS)),
  needs: readOptional(readText),
});

/** Reads the parts of a confidence out of data nobody vouches for. */
export const readConfidenceParts: Reader<ConfidenceParts> = (value, at) => {
  const { needs, ...figures } = readFigures(value, at);
  return needs === undefined ? figures : { ...figures, needs };
};
