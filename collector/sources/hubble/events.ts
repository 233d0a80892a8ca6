import type { Instant } from '#core/flow/time.ts';
import { lostSourceName, nodeStateName } from './enums.ts';
import { InstantReader } from './instant.ts';
import { Faults, isMessage, looseText, looseTexts } from './wire.ts';

/** Events that a node says it could not report. */
export interface LostEvents {
  readonly kind: 'lost';
  /** Which buffer overflowed, by its upstream name. */
  readonly source: string;
  readonly count: bigint;
  readonly node: string | undefined;
  /** When it was reported: the same report that comes again has the same time. */
  readonly reportedAt: Instant | undefined;
}

/** A node that came, went, or failed; while it is away its silence means nothing. */
export interface NodeStatus {
  readonly kind: 'node-status';
  /** `NODE_CONNECTED`, `NODE_UNAVAILABLE`, `NODE_GONE`, `NODE_ERROR`, or a newer one. */
  readonly state: string;
  readonly nodes: readonly string[];
  readonly message: string | undefined;
}

interface WireLost {
  readonly source?: unknown;
  readonly num_events_lost?: unknown;
  readonly numEventsLost?: unknown;
}

interface WireNodeStatus {
  readonly state_change?: unknown;
  readonly stateChange?: unknown;
  readonly node_names?: unknown;
  readonly nodeNames?: unknown;
  readonly message?: unknown;
}

const DIGITS = /^\d{1,20}$/;
const MAX_COUNT = 2n ** 64n - 1n;

type SourceReviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => unknown;

/** JSON's numbers are doubles: from 2^53 on only the digits in the text are exact. */
function digitsOfCount(text: string): unknown {
  const digits: string[] = [];
  parseWithSource(text, (key, value, { source }) => {
    const isCount = key === 'num_events_lost' || key === 'numEventsLost';
    if (isCount && source !== undefined) digits.push(source);
    return value;
  });
  return digits.at(-1);
}

function countOf(value: unknown, text: string): bigint | undefined {
  if (value === undefined || value === null) return 0n;
  if (isMessage(value)) return countOfHalves(value);
  const digits = typeof value === 'number' && !Number.isSafeInteger(value) ? digitsOfCount(text) : value;
  const written = typeof digits === 'number' ? String(digits) : digits;
  if (typeof written !== 'string' || !DIGITS.test(written)) return undefined;
  const count = BigInt(written);
  return count <= MAX_COUNT ? count : undefined;
}

/** protobufjs's way to write a 64-bit number where nothing else was asked for. */
function countOfHalves(value: object): bigint | undefined {
  const { low, high } = value as { readonly low?: unknown; readonly high?: unknown };
  if (!Number.isInteger(low) || !Number.isInteger(high)) return undefined;
  return (BigInt.asUintN(32, BigInt(high as number)) << 32n) | BigInt.asUintN(32, BigInt(low as number));
}

/** Where an event stands: its record's text, for exact numbers, and the node that wrote it. */
export interface EventContext {
  readonly text: string;
  readonly node: string | undefined;
  /** As the record has it. */
  readonly time: unknown;
}

/** The time of a report is for telling it from others: one that is no time is as good as none. */
function reportedAt(time: unknown): Instant | undefined {
  const instant = new InstantReader().read(time, 'time', new Faults());
  return instant === undefined || instant.ms <= 0 ? undefined : instant;
}

/** An absent count is zero, as protobuf leaves zero out; a count that is no 64-bit number is a fault. */
export function lostEventsOf(value: unknown, context: EventContext, faults: Faults): LostEvents | undefined {
  if (!isMessage(value)) return faults.note('lost_events');
  const wire: WireLost = value;
  const count = countOf(wire.num_events_lost ?? wire.numEventsLost, context.text);
  if (count === undefined) return faults.note('lost_events.num_events_lost');
  return {
    kind: 'lost',
    source: lostSourceName(wire.source),
    count,
    node: context.node,
    reportedAt: reportedAt(context.time),
  };
}

/** The nodes named, or else the one that wrote the record. */
export function nodeStatusOf(value: unknown, context: EventContext, faults: Faults): NodeStatus | undefined {
  if (!isMessage(value)) return faults.note('node_status');
  const wire: WireNodeStatus = value;
  const named = looseTexts(wire.node_names ?? wire.nodeNames);
  const own = context.node === undefined ? [] : [context.node];
  return {
    kind: 'node-status',
    state: nodeStateName(wire.state_change ?? wire.stateChange),
    nodes: named.length > 0 ? named : own,
    message: looseText(wire.message),
  };
}
