import { parseWorkloadIdText } from '#core/baseline/edge-codec.ts';
import {
  type Reader,
  readCount,
  readFields,
  readInteger,
  readList,
  readNumber,
  readOneOf,
  readParsed,
  readText,
} from '#core/baseline/json-reader.ts';
import { type HoldOut, type HoldOutRow, type HoldOutTally, LOSS_KINDS, STANDING_KINDS } from './hold-out.ts';

const KINDS = [...LOSS_KINDS, ...STANDING_KINDS] as const;

const TALLY = { edges: readCount, conversations: readCount };

const readTally = readFields<HoldOutTally>(TALLY);

const readRow = readFields<HoldOutRow>({
  ...TALLY,
  kind: readOneOf(KINDS),
  line: readText,
  extent: readOneOf(['all', 'some'] as const),
  firstSeenAt: readInteger,
  workloads: readList(readParsed(parseWorkloadIdText, 'cluster/namespace/kind/name')),
  note: readText,
});

/** Reads a hold-out out of data nobody vouches for. */
export const readHoldOut: Reader<HoldOut> = readFields<HoldOut>({
  share: readNumber,
  span: readFields<HoldOut['span']>({ from: readInteger, until: readInteger }),
  cutAt: readInteger,
  outcome: readOneOf(['judged', 'too-short', 'nothing-seen'] as const),
  admitted: readTally,
  lost: readTally,
  standing: readTally,
  unjudged: readTally,
  rejected: readTally,
  rate: readNumber,
  kinds: readList(readFields<HoldOut['kinds'][number]>({ ...TALLY, kind: readOneOf(KINDS) })),
  rows: readList(readRow),
  rowsLeftOut: readCount,
  untested: readCount,
});
