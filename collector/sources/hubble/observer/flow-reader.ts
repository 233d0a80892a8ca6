import type { FlowRing, RingEntry } from './flow-ring.ts';

/** Which flows, in the words of a GetFlows request. */
export interface FlowsQuery {
  /** 0 for all. */
  readonly number: number;
  /** The oldest `number` instead of the newest. */
  readonly first: boolean;
  readonly follow: boolean;
  readonly sinceNs: bigint | undefined;
  readonly untilNs: bigint | undefined;
  /** Undefined wants every flow. */
  readonly isWanted: ((entry: RingEntry) => boolean) | undefined;
}

/** What a reader comes to: an entry, entries that were overwritten before it could read them, or nothing more. */
export type Reading =
  | { readonly kind: 'entry'; readonly entry: RingEntry }
  | { readonly kind: 'overwritten'; readonly count: number }
  /** Nothing more now; more may come. */
  | { readonly kind: 'wait' }
  /** Nothing in a good many entries: ask again once others had their turn. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'end' };

const WAIT: Reading = { kind: 'wait' };
const PAUSE: Reading = { kind: 'pause' };
const END: Reading = { kind: 'end' };

/** Entries that are passed over in one go. */
const PASSED_AT_ONCE = 512;

/** True for flows that were asked for; what was lost and what became of nodes is not asked for by anyone. */
const isAsked = (entry: RingEntry, { isWanted }: FlowsQuery): boolean =>
  entry.kind === 'flow' && (isWanted === undefined || isWanted(entry));

/** Goes back from the newest entry until enough was passed, or one is older than asked for. */
function rewound(ring: FlowRing, query: FlowsQuery): number {
  let passed = 0;
  for (let number = ring.next - 1; number >= ring.oldest; number -= 1) {
    const entry = ring.at(number);
    if (entry === undefined || !isAsked(entry, query)) continue;
    if (query.sinceNs !== undefined) {
      if (entry.atNs < query.sinceNs) return number + 1;
      continue;
    }
    passed += 1;
    if (passed === query.number) return number;
  }
  return ring.oldest;
}

function startOf(ring: FlowRing, query: FlowsQuery): number {
  if (query.sinceNs !== undefined) return rewound(ring, query);
  if (query.first) return ring.oldest;
  return query.follow && query.number === 0 ? ring.next : rewound(ring, query);
}

/**
 * Walks the ring as Cilium's observer does: `since` goes before `number`; without `follow` it ends after `number`
 * flows or at what was there when it began, with it only at the first flow after `until`; lost events pass every
 * filter and every range. What became of nodes is told only as it happens.
 */
export class FlowReader {
  readonly #ring: FlowRing;
  readonly #query: FlowsQuery;
  readonly #end: number;
  #at: number;
  #given = 0;

  constructor(ring: FlowRing, query: FlowsQuery) {
    this.#ring = ring;
    this.#query = query;
    this.#end = ring.next;
    this.#at = startOf(ring, query);
  }

  /** The number of the entry that it looks at next. */
  get position(): number {
    return this.#at;
  }

  next(): Reading {
    const { follow, number } = this.#query;
    for (let passed = 0; passed < PASSED_AT_ONCE; passed += 1) {
      if (!follow && (this.#at >= this.#end || (number > 0 && this.#given >= number))) return END;
      const missed = this.#ring.oldest - this.#at;
      if (missed > 0) {
        this.#at = this.#ring.oldest;
        return { kind: 'overwritten', count: missed };
      }
      const entry = this.#ring.at(this.#at);
      if (entry === undefined) return WAIT;
      this.#at += 1;
      const reading = this.#judge(entry);
      if (reading !== undefined) return reading;
    }
    return PAUSE;
  }

  /** Undefined for an entry that is passed over. */
  #judge(entry: RingEntry): Reading | undefined {
    const isNew = this.#at > this.#end;
    if (entry.kind === 'status') return isNew && this.#query.follow ? { kind: 'entry', entry } : undefined;
    return entry.kind === 'flow' ? this.#judgeFlow(entry) : { kind: 'entry', entry };
  }

  #judgeFlow(entry: RingEntry): Reading | undefined {
    const { sinceNs, untilNs } = this.#query;
    if (untilNs !== undefined && entry.atNs > untilNs) return END;
    if (sinceNs !== undefined && entry.atNs < sinceNs) return undefined;
    if (!isAsked(entry, this.#query)) return undefined;
    this.#given += 1;
    return { kind: 'entry', entry };
  }
}
