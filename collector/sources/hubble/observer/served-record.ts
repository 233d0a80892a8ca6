import { type EpochMs, formatInstant, parseInstant } from '#core/flow/time.ts';
import type { EntryKind } from './flow-ring.ts';

/** One record of an export on its way to clients, parsed. */
export interface ServedRecord {
  readonly kind: EntryKind;
  readonly at: EpochMs;
  /** `cluster/node`; empty when the record names none. */
  readonly node: string;
  readonly record: Readonly<Record<string, unknown>>;
}

interface EventFacts {
  readonly at: EpochMs;
  readonly node: string;
}

/** What a node says of flows that it could not keep. */
export const lostRecord = ({ at, node }: EventFacts, count: number): ServedRecord => ({
  kind: 'lost',
  at,
  node,
  record: {
    lost_events: { source: 'OBSERVER_EVENTS_QUEUE', num_events_lost: String(count) },
    node_name: node,
    time: formatInstant(at),
  },
});

/** States of a node as Relay names them. */
export type NodeState = 'NODE_CONNECTED' | 'NODE_UNAVAILABLE' | 'NODE_ERROR';

/** What became of nodes. */
export const statusRecord = (
  { at, node }: EventFacts,
  facts: { readonly state: NodeState; readonly nodes: readonly string[]; readonly message?: string },
): ServedRecord => ({
  kind: 'status',
  at,
  node,
  record: {
    node_status: {
      state_change: facts.state,
      node_names: facts.nodes,
      ...(facts.message !== undefined && { message: facts.message }),
    },
    node_name: node,
    time: formatInstant(at),
  },
});

function shifted(time: unknown, byMs: number): unknown {
  const instant = typeof time === 'string' ? parseInstant(time) : undefined;
  return instant === undefined ? time : formatInstant(instant.ms + byMs, instant.nanos);
}

/** The record as written by a clock that is ahead by `byMs`; a time that can not be read stays as it is. */
export function withTimesShifted(record: ServedRecord['record'], byMs: number): ServedRecord['record'] {
  const { flow, time } = record as { readonly flow?: unknown; readonly time?: unknown };
  const isFlow = typeof flow === 'object' && flow !== null;
  return {
    ...record,
    ...(time !== undefined && { time: shifted(time, byMs) }),
    ...(isFlow && { flow: { ...flow, time: shifted((flow as { time?: unknown }).time, byMs) } }),
  };
}
