import { type EpochMs, parseInstant } from '#core/flow/time.ts';
import { expandInputs, type InputFile } from '../../files/expand-inputs.ts';
import { describeInputFailure } from '../../files/input-failure.ts';
import { readRecords } from '../../files/read-records.ts';
import type { TextRecord } from '../../files/text-record.ts';
import type { EntryKind } from './flow-ring.ts';
import type { RecordSource } from './record-source.ts';
import { type ServedRecord, withTimesShifted } from './served-record.ts';

/** Which exports to serve. */
export interface RecordingOptions {
  /** Files, globs, folders, or `-`; read one after the other. */
  readonly inputs: readonly string[];
  /** Moves all times so that the first record is at this instant; absent: they stay. */
  readonly shiftTo?: EpochMs | undefined;
  /** Told one sentence for each input that can not be read, or not to its end. */
  readonly onProblem: (sentence: string) => void;
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const KINDS: readonly (readonly [string, EntryKind])[] = [
  ['flow', 'flow'],
  ['lost_events', 'lost'],
  ['lostEvents', 'lost'],
  ['node_status', 'status'],
  ['nodeStatus', 'status'],
];

/** Fields that only a flow has, for exports that hold flows without anything around them. */
const isBareFlow = (record: Fields): boolean =>
  isFields(record['IP'] ?? record['ip']) || isFields(record['l4']) || isFields(record['source']);

/** A line's record; undefined for one that is none. */
function servedOf(text: string, before: EpochMs | undefined): ServedRecord | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isFields(parsed)) return undefined;
  const kind = KINDS.find(([field]) => isFields((parsed as Fields)[field]))?.[1];
  if (kind === undefined && !isBareFlow(parsed)) return undefined;
  const record = kind === undefined ? { flow: parsed } : parsed;
  const flow = isFields(record['flow']) ? record['flow'] : {};
  const time = parseInstant(textOf(record['time'] ?? flow['time']))?.ms ?? before ?? 0;
  const node = record['node_name'] ?? record['nodeName'] ?? flow['node_name'] ?? flow['nodeName'];
  return { kind: kind ?? 'flow', at: time, node: textOf(node), record: completed(record, flow) };
}

/** Exporters that left the time and node beside the flow out have them in it. */
function completed(record: Fields, flow: Fields): Fields {
  const node = flow['node_name'] ?? flow['nodeName'];
  return {
    ...(flow['time'] !== undefined && { time: flow['time'] }),
    ...(node !== undefined && { node_name: node }),
    ...record,
  };
}

/** Reads inputs one after the other and tells at the end what held no record. */
class RecordingReader {
  readonly #onProblem: RecordingOptions['onProblem'];
  #before: EpochMs | undefined;
  #unreadable = 0;

  constructor(onProblem: RecordingOptions['onProblem']) {
    this.#onProblem = onProblem;
  }

  async *read(names: readonly string[]): AsyncGenerator<ServedRecord> {
    const { inputs, failures } = await expandInputs(names);
    for (const failure of failures) this.#onProblem(describeInputFailure(failure));
    for (const input of inputs) yield* this.#readInput(input);
    if (this.#unreadable > 0) {
      this.#onProblem(`pieces of text that hold no record and are not served: ${this.#unreadable}.`);
    }
  }

  async *#readInput(input: InputFile): AsyncGenerator<ServedRecord> {
    for await (const batch of readRecords(input)) {
      if ('failure' in batch) this.#onProblem(describeInputFailure(batch.failure));
      else for (const piece of batch.records) yield* this.#served(piece);
    }
  }

  *#served(piece: TextRecord): Generator<ServedRecord> {
    const served = piece.kind === 'object' ? servedOf(piece.text, this.#before) : undefined;
    if (served === undefined) {
      this.#unreadable += 1;
      return;
    }
    this.#before = served.at;
    yield served;
  }
}

async function* shiftedRecords(options: RecordingOptions): AsyncGenerator<ServedRecord> {
  let byMs: number | undefined;
  for await (const served of new RecordingReader(options.onProblem).read(options.inputs)) {
    byMs ??= options.shiftTo === undefined ? 0 : options.shiftTo - served.at;
    const record = byMs === 0 ? served.record : withTimesShifted(served.record, byMs);
    yield { ...served, at: served.at + byMs, record };
  }
}

/** Exports of Hubble as they were recorded. Memory does not grow with their length. */
export function recordedSource(options: RecordingOptions): RecordSource {
  const records = shiftedRecords(options);
  return {
    nodes: [],
    startAt: options.shiftTo,
    truth: undefined,
    next: async () => {
      const { value, done } = await records.next();
      return done === true ? undefined : value;
    },
    close: async () => {
      await records.return(undefined);
    },
  };
}
