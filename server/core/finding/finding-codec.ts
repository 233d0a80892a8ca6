import { type Json, jsonObject, toJson } from '#core/baseline/canonical-json.ts';
import { readEnds } from '#core/baseline/edge-codec.ts';
import { readFlow } from '#core/baseline/flow-codec.ts';
import {
  type MalformedField,
  readCount,
  readFields,
  readInteger,
  readJson,
  readOneOf,
  readOptional,
  readParsed,
  readText,
} from '#core/baseline/json-reader.ts';
import { edgeKey } from '#core/graph/edge.ts';
import { ok, type Result } from '#core/result.ts';
import { FINDING_KINDS, FINDING_STATES, type Finding, type ProposalAnswer, SEVERITIES } from './finding.ts';
import { parseFindingId } from './finding-id.ts';

const ANSWERS: readonly ProposalAnswer[] = ['would-block', 'would-admit', 'not-covered', 'no-proposal'];

const readFinding = readFields<Omit<Finding, 'edge'>>({
  id: readParsed(parseFindingId, 'an id'),
  kind: readOneOf(FINDING_KINDS),
  severity: readOneOf(SEVERITIES),
  state: readOneOf(FINDING_STATES),
  ends: readEnds,
  title: readText,
  explanation: readText,
  nearestKnown: readOptional(readText),
  proposalAnswer: readOneOf(ANSWERS),
  conversations: readCount,
  firstSeenAt: readInteger,
  lastSeenAt: readInteger,
  sample: readOptional(readFlow),
});

/** A finding as plain data; the edge's key is left out, since it follows from the ends. */
export function encodeFinding(finding: Finding): Json {
  const { edge: _edge, ...rest } = finding;
  return jsonObject(
    Object.entries(rest).map(([name, value]) => [name, value === undefined ? undefined : toJson(value)]),
  );
}

/** Reads what {@link encodeFinding} wrote; the failure names the field. */
export function decodeFinding(value: unknown): Result<Finding, MalformedField> {
  const read = readJson(value, readFinding);
  return read.ok ? ok({ ...read.value, edge: edgeKey(read.value.ends) }) : read;
}
