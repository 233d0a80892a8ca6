import { parseWorkloadIdText } from '#core/baseline/edge-codec.ts';
import {
  type Reader,
  readCount,
  readFields,
  readInteger,
  readList,
  readOneOf,
  readOptional,
  readParsed,
  readText,
} from '#core/baseline/json-reader.ts';
import type { EdgeKey } from '#core/graph/edge.ts';
import { ADD_ON_NAMES, type SystemAddOn } from './add-on.ts';
import type { ExternalEvidence } from './external-evidence.ts';

const readWorkload = readParsed(parseWorkloadIdText, 'cluster/namespace/kind/name');

/** Keys are only looked up beside the edges they name: one that is none finds nothing. */
const readEdgeKey: Reader<EdgeKey> = (value, at) => readText(value, at) as EdgeKey;

/** Reads system traffic out of data nobody vouches for. */
export const readAddOn: Reader<SystemAddOn> = readFields<SystemAddOn>({
  name: readOneOf(ADD_ON_NAMES),
  evidence: readList(readText),
  edges: readList(readEdgeKey),
  withoutRule: readCount,
  conversations: readCount,
  workloads: readList(readWorkload),
});

/** Reads what is known of the outside out of data nobody vouches for. */
export const readExternalEvidence: Reader<ExternalEvidence> = readFields<ExternalEvidence>({
  workload: readWorkload,
  direction: readOneOf(['ingress', 'egress'] as const),
  name: readOptional(readText),
  ports: readList(readText),
  addresses: readCount,
  late: readCount,
  firstSeenAt: readInteger,
  lastSeenAt: readInteger,
  conversations: readCount,
});
